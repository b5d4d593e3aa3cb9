-- For tests: stands in for Jitsi's token plugin, which no package has. Anonymous log-in over BOSH with the token in
-- the URL; the signature is verified by Prosody's own util.jwt, then the claims as Jitsi verifies them at log-in.
local formdecode = require "util.http".formdecode;
local jwt = require "util.jwt";
local new_sasl = require "util.sasl".new;

local app_id = module:get_option_string("app_id");
local app_secret = module:get_option_string("app_secret");
local allow_empty = module:get_option_boolean("allow_empty_token", false);

module:hook_global("bosh-session", function (event)
	local query = event.request.url.query;
	event.session.auth_token = query and formdecode(query).token;
end);

local function is_good(session)
	local token = session.auth_token;
	if not token or token == "" then return allow_empty; end
	local signed, claims = jwt.verify(app_secret, token);
	session.jitsi_meet_context_user = signed and claims.context and claims.context.user; -- as Jitsi's plugin does
	return signed == true and claims.iss == app_id and type(claims.aud) == "string" and claims.sub ~= nil
		and claims.room ~= nil and (not claims.exp or claims.exp > os.time()) and (not claims.nbf or claims.nbf <= os.time());
end

local provider = {};

function provider.user_exists() return nil; end

-- util.sasl asks its anonymous profile again until it says yes, so the refusal has to come before it.
function provider.get_sasl_handler(session)
	local handler = new_sasl(module.host, { anonymous = function () return true; end; });
	local process = handler.process;
	function handler:process(message)
		if not is_good(session) then return "failure", "not-authorized", "the token is refused"; end
		return process(self, message);
	end
	return handler;
end

module:provides("auth", provider);
