"""A page on which somebody says what truly happens in a video: the truth that `eval count` compares with."""
