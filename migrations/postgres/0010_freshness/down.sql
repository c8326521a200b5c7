DROP TABLE freshness_rules;
