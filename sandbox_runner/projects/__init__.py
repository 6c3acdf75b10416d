"""What a bundle of files is to be played as: its functions, their settings, and requests that lie beside them."""
