"""What the files of a model folder say, in both generations of sentence-transformers."""
