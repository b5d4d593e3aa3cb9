"""Presets of commercial gateways: format of requests and responses. `$names` are filled in for each text.

From the vendors' public documentation of November 2026; "Try it" shows whether an account agrees.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """One gateway. Patterns are regular expressions; the first group of `reference`, `state` and `balance` is used.

    `coding`: its values for GSM and Unicode; `kind`: for an OTP and any other text. `state_field` and `reference_field`
    name one field or several; several states are joined before they are matched.
    """

    url: str = ""
    method: str = "POST"
    format: str = "form"
    headers: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    coding: str = ""
    kind: str = ""
    accepted: str = ""
    reference: str = ""
    never: str = ""
    state_field: str = ""
    reference_field: str = ""
    delivered: str = ""
    failed: str = ""
    report_url: str = ""
    state: str = ""
    balance_url: str = ""
    balance: str = ""


# The body of a delivery report, where the customer defines it: MSG91's "Webhook (New)".
PAYLOADS = {"msg91": '{"requestId": "{{requestId}}", "status": "{{status}}"}'}
BASIC = ("Authorization: Basic $basic",)

PRESETS = {
    "own": Preset(),
    "msg91": Preset(
        url="https://control.msg91.com/api/v2/sendsms",
        format="json",
        headers=("authkey: $secret",),
        fields=(
            '{"sender": "$header", "route": "4", "country": "91", "unicode": "$coding", "DLT_TE_ID": "$template",',
            ' "sms": [{"message": "$text", "to": ["$mobile"]}]}',
        ),
        coding="0 1",
        accepted=r'"type"\s*:\s*"success"',
        reference=r'"message"\s*:\s*"(\w+)"',
        state_field="status",
        reference_field="requestId",  # in v2, v3 and "New"
        delivered=r"^(1$|delivered)",
        failed=r"^(2|9|16|17|25)$|fail|reject|block|ndnc|undeliv|expired",
    ),
    "gupshup": Preset(
        url="https://enterprise.smsgupshup.com/GatewayAPI/rest",
        fields=(
            "method=sendMessage",
            "v=1.1",
            "format=text",
            "auth_scheme=plain",
            "userid=$user",
            "password=$secret",
            "send_to=$to",
            "msg=$text",
            "msg_type=$coding",
            "mask=$header",
            "principalEntityId=$entity",
            "dltTemplateId=$template",
        ),
        coding="TEXT Unicode_text",
        accepted=r"^\s*success\s*\|",
        reference=r"^\s*success\s*\|[^|]*\|\s*([\w-]+)",
        never=r"^\s*error\s*\|\s*(105|308)\s*\|",
        state_field="status eventType",  # the first by GET, the second in POSTed lists
        reference_field="externalId",
        delivered=r"^(success|delivered)$",
        failed=r"^fail",
    ),
    "kaleyra": Preset(
        url="https://api.kaleyra.io/v2/$account/messages",
        headers=("api-key: $secret",),
        fields=(
            "to=$e164",
            "sender=$header",
            "body=$text",
            "channel=sms",
            "type=$kind",
            "template_id=$template",
            "callback_url=$callback",
        ),
        kind="OTP TXN",
        accepted=r'"id"\s*:\s*"',
        reference=r'"id"\s*:\s*"([^"]+)"',
        state_field="status",
        reference_field="id",
        delivered=r"^deliv",
        failed=r"fail|undeliv|notsent|reject|expired|invalid|blocked",
    ),
    "twilio": Preset(
        url="https://api.twilio.com/2010-04-01/Accounts/$account/Messages.json",
        headers=BASIC,
        fields=("To=$e164", "From=$header", "Body=$text", "StatusCallback=$callback"),
        accepted=r'"sid"\s*:\s*"(SM|MM)',
        reference=r'"sid"\s*:\s*"((?:SM|MM)\w+)"',
        never=r'"code"\s*:\s*(21211|21610|21614)\b',
        state_field="MessageStatus",
        reference_field="MessageSid",
        delivered=r"^delivered$",
        failed=r"^(undelivered|failed|canceled)$",
        report_url="https://api.twilio.com/2010-04-01/Accounts/$account/Messages/$reference.json",
        state=r'"status"\s*:\s*"(\w+)"',
        balance_url="https://api.twilio.com/2010-04-01/Accounts/$account/Balance.json",
        balance=r'"balance"\s*:\s*"?(-?[\d.]+)',
    ),
    "exotel": Preset(
        url="https://api.exotel.com/v1/Accounts/$account/Sms/send.json",
        headers=BASIC,
        fields=(
            "From=$header",
            "To=$e164",
            "Body=$text",
            "DltEntityId=$entity",
            "DltTemplateId=$template",
            "SmsType=transactional",
            "EncodingType=$coding",
            "Priority=$kind",
            "StatusCallback=$callback",
        ),
        coding="plain unicode",
        kind="high normal",
        accepted=r'"Sid"\s*:\s*"',
        reference=r'"Sid"\s*:\s*"([^"]+)"',
        state_field="Status DetailedStatus",
        reference_field="SmsSid",
        delivered=r"^(sent|delivered)$|delivered_to_handset",  # "sent" alone is the last state of older accounts
        failed=r"^(fail|expired|undeliv)",
        report_url="https://api.exotel.com/v1/Accounts/$account/SMS/Messages/$reference.json",
        state=r'"Status"\s*:\s*"([\w-]+)"',
    ),
    "fast2sms": Preset(
        url="https://www.fast2sms.com/dev/bulkV2",
        headers=("authorization: $secret",),
        fields=(
            "route=dlt_manual",
            "sender_id=$header",
            "message=$text",
            "template_id=$template",
            "entity_id=$entity",
            "numbers=$mobile",
        ),
        accepted=r'"return"\s*:\s*true',
        reference=r'"request_id"\s*:\s*"([^"]+)"',
        never=r'"status_code"\s*:\s*(411|414)\b',
        state_field="status",
        reference_field="request_id",
        delivered=r"^deliv",
        failed=r"fail|undeliv|reject|expired|blocked|dnd|invalid",
        balance_url="https://www.fast2sms.com/dev/wallet",
        balance=r'"wallet"\s*:\s*"?(-?[\d.]+)',
    ),
}
