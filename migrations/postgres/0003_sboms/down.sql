DROP TABLE sbom_packages;
DROP TABLE sboms;
DROP TABLE sbom_documents;
