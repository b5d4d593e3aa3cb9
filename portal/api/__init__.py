"""The door: all that a plugin may ask of the clinic and use of the portal (docs/plugins.md, docs/api.md).

`clinic calls documents referrals messages` ask about people, visits, calls, documents, slips and texts; they answer
with frozen dataclasses, never rows. `plugin storage work web base clock json_text outbound signed` are tools. With
`portal.hookspecs` and `portal.contracts` that is everything: tests/test_architecture.py holds plugins to it.
"""
