"""The plugin API: all that a plugin may use of the portal (docs/plugins.md, docs/api.md).

`clinic calls documents referrals messages` query people, visits, calls, documents, referrals and SMS; they return
frozen dataclasses, never rows. `plugin storage work web base clock json_text outbound signed` are tools. With
`portal.hookspecs` and `portal.contracts` that is everything: tests/test_architecture.py holds plugins to it.
"""
