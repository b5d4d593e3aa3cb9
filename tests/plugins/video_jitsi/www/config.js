/* The little of a Jitsi server's config.js that the portal's probe reads. */
var config = { hosts: { domain: "meet.test", muc: "conference.meet.test" }, bosh: "/http-bind" };
