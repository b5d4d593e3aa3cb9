"""Digital signatures of documents: where the certificates are, the process that holds their keys, when they run out."""
