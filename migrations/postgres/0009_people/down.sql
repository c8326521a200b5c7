DROP TABLE sessions;
DROP TABLE invitations;
DROP TABLE passwords;
DROP INDEX people_by_name;
