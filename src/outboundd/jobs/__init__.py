"""Which scheduled stories are there? A seventh job is one new file and one line here."""

from outboundd.engine.run_job import Job
from outboundd.jobs.digest import DIGEST
from outboundd.jobs.draft import DRAFT
from outboundd.jobs.follow_up import FOLLOW_UP
from outboundd.jobs.reconcile import RECONCILE
from outboundd.jobs.send import SEND
from outboundd.jobs.watch import WATCH

JOBS: dict[str, Job] = {job.name: job for job in (DRAFT, SEND, FOLLOW_UP, RECONCILE, DIGEST, WATCH)}
