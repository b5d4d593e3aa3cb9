"""Tables of law and safety as data: as they come with the portal, or as a site has imported them."""
