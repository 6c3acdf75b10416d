"""The account: AWS's services beside the functions, reached under AWS's names and answered by moto in a sandbox."""
