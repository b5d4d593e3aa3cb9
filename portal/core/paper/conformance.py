"""Conformance that a printed file claims: PDF/A-2a, as WeasyPrint makes it, and PDF/UA-1 beside it.

A file is archived for years (PDF/A, ISO 19005-2) and read aloud (PDF/UA, ISO 14289-1). What both demand of the pages is
there; WeasyPrint writes the claim of one of them. PDF/A allows no name in the metadata that it does not know, so
the claim of PDF/UA comes with a description of its schema (ISO 19005-2, 6.6.2.3.3).
"""

from typing import Any

END = b"</rdf:RDF>"
_CLAIM = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def claim_accessible(document: Any, pdf: Any) -> None:
    """Add the claim of PDF/UA-1 to the metadata of a finished document (a WeasyPrint finisher)."""
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    metadata.stream = [b"".join(metadata.stream).replace(END, _CLAIM + END, 1)]
