"""Which tables does the ledger have?

Instants are INTEGER microseconds since 1970 UTC: exact, they sort, they need no parsing, and a day is a division.
Long texts stand last in their row, so that reading the columns before them does not touch them.
"""

from outboundd.adapters.sqlite_file import FileKind

_UNCOUNTED = "CREATE TABLE uncounted (lead TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"
# What the operator said in a chat; its text only until it is carried out.
_COMMAND = """CREATE TABLE command (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, who INTEGER NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL
    ) STRICT, WITHOUT ROWID"""
# Leads whose texts and research were erased after their time: not looked at again.
_BARE = "CREATE TABLE bare (lead TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID"
# How often a vendor was asked on a UTC day, and the day's cap of mails as it was when they left.
_CALLS = """CREATE TABLE calls (
    vendor TEXT NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (vendor, day)
    ) STRICT, WITHOUT ROWID"""
_CAP = "CREATE TABLE cap (day INTEGER PRIMARY KEY, mails INTEGER NOT NULL, why TEXT NOT NULL) STRICT"
_REPLIED = """CREATE INDEX transition_replied ON "transition" (at, lead) WHERE now = 'replied' AND was <> 'replied'"""
# A mail to a lead, and the states in which it has left or may have. SQLite uses a partial index only for a query that
# repeats the very words of the index, so the queries on attempts repeat these two conditions.
_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE lead (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, company TEXT NOT NULL, domain TEXT NOT NULL, stage TEXT NOT NULL,
        step INTEGER NOT NULL, next_at INTEGER, created_at INTEGER, source TEXT NOT NULL, country TEXT NOT NULL,
        variant TEXT NOT NULL, waiting_for TEXT NOT NULL, seen_at INTEGER NOT NULL, seq INTEGER NOT NULL DEFAULT 0,
        opens INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0, last_event_at INTEGER) STRICT""",
    """CREATE TABLE "transition" (
        lead TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, was TEXT NOT NULL, now TEXT NOT NULL,
        basis TEXT NOT NULL, waives TEXT, objection TEXT, tag TEXT NOT NULL, id TEXT NOT NULL, pushed_at INTEGER,
        why TEXT NOT NULL, text_hash TEXT NOT NULL, patch TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (lead, seq)) STRICT""",
    """CREATE TABLE attempt (
        tag TEXT PRIMARY KEY, lead TEXT NOT NULL, step INTEGER NOT NULL, n INTEGER NOT NULL, mailer TEXT NOT NULL,
        person TEXT NOT NULL, company TEXT NOT NULL, posted_at INTEGER NOT NULL, state TEXT NOT NULL,
        message_id TEXT NOT NULL, settled_at INTEGER, text_hash TEXT NOT NULL, subject TEXT NOT NULL,
        text TEXT NOT NULL) STRICT""",
    """CREATE TABLE event (
        key TEXT PRIMARY KEY, tag TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
        folded INTEGER NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL,
        by_machine INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE TABLE halt (what TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER, why TEXT NOT NULL) STRICT",
    """CREATE TABLE run (
        job TEXT NOT NULL, slot TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER, outcome TEXT NOT NULL, told TEXT,
        PRIMARY KEY (job, slot)) STRICT""",
    "CREATE TABLE spend (at INTEGER NOT NULL, vendor TEXT NOT NULL, lead TEXT NOT NULL, usd REAL NOT NULL) STRICT",
    """CREATE TABLE cache (
        kind TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (kind, key)) STRICT""",
    """CREATE TABLE incident (
        id INTEGER PRIMARY KEY, what TEXT NOT NULL, opened INTEGER NOT NULL, closed INTEGER,
        times INTEGER NOT NULL, title TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',
        told_at INTEGER, last_at INTEGER NOT NULL DEFAULT 0, end_told_at INTEGER,
        note TEXT NOT NULL DEFAULT '') STRICT""",
    _UNCOUNTED,
    _COMMAND,
    _BARE,
    _CALLS,
    _CAP,
)
_INDEXES = (
    # At most once, by index.
    """CREATE UNIQUE INDEX attempt_live_lead ON attempt (lead, step)
        WHERE state IN ('open', 'unknown', 'sent') AND substr(lead, 1, 1) <> '-'""",
    """CREATE UNIQUE INDEX attempt_live_person ON attempt (person, step)
        WHERE state IN ('open', 'unknown', 'sent') AND substr(lead, 1, 1) <> '-'""",
    "CREATE UNIQUE INDEX incident_open ON incident (what) WHERE closed IS NULL",
    "CREATE INDEX lead_person ON lead (person)",
    "CREATE INDEX lead_company ON lead (company, stage)",
    "CREATE INDEX lead_domain ON lead (domain, company)",
    "CREATE INDEX lead_due ON lead (stage, next_at)",
    'CREATE INDEX transition_unpushed ON "transition" (lead) WHERE pushed_at IS NULL',
    _REPLIED,
    "CREATE INDEX attempt_posted ON attempt (posted_at) WHERE substr(lead, 1, 1) <> '-'",
    """CREATE INDEX attempt_left ON attempt (posted_at)
        WHERE state IN ('open', 'unknown', 'sent', 'extra') AND substr(lead, 1, 1) <> '-'""",
    "CREATE INDEX attempt_lead ON attempt (lead, posted_at)",
    "CREATE INDEX attempt_person ON attempt (person, posted_at)",
    "CREATE INDEX attempt_company ON attempt (company, posted_at)",
    "CREATE INDEX attempt_state ON attempt (state, posted_at)",
    "CREATE INDEX event_tag ON event (tag, kind)",
    "CREATE INDEX event_person ON event (person, at)",
    "CREATE INDEX event_unfolded ON event (tag, at) WHERE folded = 0 AND tag <> ''",
    "CREATE INDEX run_began ON run (job, began)",
    "CREATE INDEX spend_at ON spend (at, usd)",
    "CREATE INDEX spend_lead ON spend (lead, usd)",
)

# What a ledger of an older version lacks, by the version it has.
_MIGRATIONS = {
    1: (
        "ALTER TABLE lead ADD COLUMN seq INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE lead ADD COLUMN opens INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE lead ADD COLUMN clicks INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE lead ADD COLUMN last_event_at INTEGER",
        'UPDATE lead SET seq = coalesce((SELECT max(seq) FROM "transition" WHERE "transition".lead = lead.id), 0)',
        _UNCOUNTED,
    ),
    2: (
        "ALTER TABLE incident ADD COLUMN title TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE incident ADD COLUMN text TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE incident ADD COLUMN told_at INTEGER",
        "ALTER TABLE incident ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE incident ADD COLUMN end_told_at INTEGER",
        "ALTER TABLE incident ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE event ADD COLUMN by_machine INTEGER NOT NULL DEFAULT 0",
        # An outage had one incident for each job that it struck: what lasts is told anew, as one.
        "UPDATE incident SET closed = opened WHERE closed IS NULL AND what LIKE 'away.%'",
        "UPDATE incident SET title = what, told_at = opened, last_at = coalesce(closed, opened), end_told_at = closed",
        _COMMAND,
        _BARE,
        _CALLS,
        _CAP,
        _REPLIED,
    ),
}

LEDGER = FileKind(
    name="ledger", application_id=0x6F62_6C67, version=3, schema=_TABLES + _INDEXES, migrations=_MIGRATIONS
)
