CREATE TABLE lines (line text);  --~ keyless_publication
