"""The contract as data: what scripts, load tests, other systems and bookmarks depend on."""

from pathlib import Path

OPEN = Path(__file__).with_name("contract_open.txt")

ROUTES = """
GET /
GET /login
POST /login
POST /login/otp
POST /logout
GET /lang/<lang>
GET /rx/<code>
POST /rx/<code>
GET /display/<key>
GET /home
GET /register
POST /register
GET /tokens/new
POST /tokens/new
GET /visits/<uid>
POST /visits/<uid>/here
POST /visits/<uid>/call
POST /visits/<uid>/cancel
POST /visits/<uid>/records
POST /visits/<uid>/feedback
GET /visits/<uid>/room
GET /visits/<uid>/prescription.pdf
GET /staff/login
POST /staff/login
GET /referrals
GET /referrals/new
POST /referrals/new
GET /referrals/requests
POST /referrals/requests
GET /board
POST /board/duty
POST /board/next
POST /visits/<uid>/recall
POST /visits/<uid>/skip
POST /visits/<uid>/transfer
POST /visits/<uid>/undo
POST /visits/<uid>/end-call
POST /visits/<uid>/complete
GET /visits/<uid>/consult
POST /visits/<uid>/consult
POST /visits/<uid>/prescription
POST /visits/<uid>/prescription/amend
POST /visits/<uid>/prescription/cancel
POST /people/<uid>/allergies
POST /people/<uid>/problems
POST /people/<uid>/medicines
GET /my/readers
GET /my/data
POST /my/data
GET /my/data/<uid>.zip
GET /my/consents
POST /grievance
GET /admin/cases
GET /formulary
GET /dispense
POST /dispense/<number>
POST /dispense/<number>/reverse
POST /dispense/<number>/indent
GET /admin
GET /admin/plugins
GET /admin/plugins/<name>
POST /admin/plugins/<name>
POST /admin/plugins/<name>/enable
POST /admin/plugins/<name>/disable
POST /admin/plugins/<name>/test
GET /admin/messages
GET /admin/audit
GET /admin/reports
GET /healthz
GET /readyz
GET /metrics
GET /privacy
GET /accessibility
GET /help
GET /grievance
GET /doctors
GET /live/<ticket>
GET /demo/phone/<mobile>
""".split("\n")[1:-1]

COMMANDS = (
    "serve",
    "worker",
    "demo",
    "migrate",
    "setup",
    "upgrade",
    "seed-demo",
    "import beneficiaries",
    "import centres",
    "import formulary",
    "import classes",
    "import brands",
    "import lgd",
    "import holidays",
    "staff add",
    "plugin list",
    "plugin on",
    "plugin off",
    "outbox",
    "backup",
    "restore",
    "audit verify",
    "check",
    "export visit",
)

# Each variable with an invalid value that must stop the start; None where every text is valid.
VARIABLES = {
    "PORTAL_DATA_DIR": None,
    "PORTAL_BIND": "8000",
    "PORTAL_BASE_URL": "ftp://x",
    "PORTAL_SECRET_KEY": "short",
    "PORTAL_DATABASE_URL": "mysql://x/y",
    "PORTAL_REDIS_URL": "http://x",
    "PORTAL_CLAMAV": "clamav",
    "PORTAL_STORE_URL": "nonsense",
    "PORTAL_WEB_WORKERS": "none",
    "PORTAL_DEMO": "perhaps",
    "PORTAL_DEMO_LIMITS": "perhaps",
    "PORTAL_DEMO_ALL_DAY": "perhaps",
    "PORTAL_CLOCK": "yesterday",
}

SMS_KEYS = {"uid", "to", "template", "lang", "text", "at"}
SMS_TEMPLATES = (
    "otp",
    "registered",
    "token",
    "near_turn",
    "your_turn",
    "missed_call",
    "prescription",
    "session_cancelled",
    "announcement",
)
STATUS_KEYS = {"uid", "token", "state", "ahead", "eta_minutes", "call_now", "call_deadline", "prescription"}

NOTES = """
complaints history findings diagnosis icd10 investigations advice follow_up_on vitals-systolic vitals-diastolic
vitals-pulse vitals-spo2 vitals-temperature vitals-weight vitals-height vitals-glucose
""".split()
ROW = "drug form strength dose frequency duration_days quantity instructions directed reason".split()

# The fields of a form, as real controls on it, by the accessible name of its button.
FORMS = {
    "/login": ("Send OTP", ["mobile"]),
    "/login/otp": ("Verify", ["otp"]),
    "/staff/login": ("Sign in", ["username", "password"]),
    "/register": ("Register", "ben_id name date_of_birth gender centre address language consent".split()),
    "/tokens/new": ("Request token", "beneficiary specialty complaint records consent".split()),
    "/referrals/new": ("Refer", "ben_id specialty reason urgent".split()),
    "/referrals/requests": ("Ask the medical officer", "beneficiary specialty complaint records".split()),
    "consult": ("Issue prescription", [*NOTES, "identity", "age", *(f"items-0-{name}" for name in ROW)]),
    "dispense": ("Dispense", ["items-0-quantity", "collected_by"]),
}

TARGETS = ("help", "run", "test", "bench")


def open_lines() -> dict[str, str]:
    """Return lines not built yet, with their issue: {"route GET /metrics": "administration: metrics"}."""
    lines = [line for line in OPEN.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" | ") for line in lines)


def all_lines() -> set[str]:
    """Return every line that may be listed as not built."""
    lines = {f"route {route}" for route in ROUTES} | {f"command {name}" for name in COMMANDS}
    lines |= {f"variable {name}" for name in VARIABLES} | {f"sms {name}" for name in SMS_TEMPLATES}
    return lines | {f"make {target}" for target in TARGETS}


def built(kind: str) -> list[str]:
    """Return the built lines of a kind."""
    return sorted(
        line.removeprefix(f"{kind} ") for line in all_lines() - set(open_lines()) if line.startswith(f"{kind} ")
    )


def unbuilt(kind: str) -> list[str]:
    """Return the lines of a kind that are not built."""
    return sorted(line.removeprefix(f"{kind} ") for line in open_lines() if line.startswith(f"{kind} "))
