"""ABDM/NRCeS FHIR R4 documents: built from, checked against, and read back into the portal's facts."""
