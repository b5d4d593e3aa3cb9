-- Webhook from a Jitsi server's Prosody to the portal: who joins and leaves a room. Signed with a shared secret in the
-- format of 8x8's webhooks (X-Jaas-Signature), so that the portal parses both in one way. Configuration:
--
--   Component "conference.meet.example.in" "muc"
--     modules_enabled = { "portal_events"; "token_verification"; … }
--     portal_events_url = "https://opd.example.in/x/video_jitsi/callbacks"
--     portal_events_secret = "at least 32 characters, the same as in the portal's settings"
local base64 = require "util.encodings".base64;
local hashes = require "util.hashes";
local http = require "net.http";
local jid = require "util.jid";
local json = require "util.json";
local uuid = require "util.uuid";

local url = assert(module:get_option_string("portal_events_url"), "portal_events_url is not set");
local secret = assert(module:get_option_string("portal_events_secret"), "portal_events_secret is not set");
local people = {}; -- occupant -> the id that the portal put into the token; a session that broke off can tell no more

local function send(event, room, occupant, id)
	local at = tostring(os.time());
	local body = json.encode({
		idempotencyKey = uuid.generate();
		eventType = event;
		timestamp = os.time() * 1000;
		fqn = jid.node(room.jid);
		data = { id = id; participantFullJid = occupant.nick; };
	});
	local signature = base64.encode(hashes.hmac_sha256(secret, at .. "." .. body));
	local headers = { ["Content-Type"] = "application/json"; ["X-Jaas-Signature"] = "t=" .. at .. ",v1=" .. signature; };
	http.request(url, { body = body; headers = headers; }, function (_, code)
		if code ~= 200 then module:log("warn", "the portal answered %s to %s", tostring(code), event); end
	end);
end

module:hook("muc-occupant-joined", function (event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	if user and user.id then
		people[event.occupant.nick] = user.id;
		send("PARTICIPANT_JOINED", event.room, event.occupant, user.id);
	end
end);

module:hook("muc-occupant-left", function (event)
	local id = people[event.occupant.nick];
	people[event.occupant.nick] = nil;
	if id then send("PARTICIPANT_LEFT", event.room, event.occupant, id); end
end);
