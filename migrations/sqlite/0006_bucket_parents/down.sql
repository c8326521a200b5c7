DROP TABLE bucket_parents;
