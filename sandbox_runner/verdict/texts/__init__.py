"""What stands in payloads and answers: values, their encodings, and what makes texts comparable. Pure."""
