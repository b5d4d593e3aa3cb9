"""ABDM/NRCeS FHIR R4 documents: built from the portal's facts, validated, parsed."""
