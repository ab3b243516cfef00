//! When a report is final: challenge window, bonded disputes, revisions.
