-- Labels are evidence: rows are added and marked as undone, never changed or removed.
CREATE TABLE IF NOT EXISTS reviews (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('single', 'pair', 'import')),
    suite TEXT NOT NULL, split TEXT NOT NULL, lock TEXT NOT NULL,
    items INTEGER NOT NULL, double REAL NOT NULL, seed INTEGER NOT NULL,
    created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answers (sha256 TEXT PRIMARY KEY, completion TEXT NOT NULL) STRICT;
-- One task is one question with one answer, or with two to choose from.
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    review TEXT NOT NULL REFERENCES reviews, position INTEGER NOT NULL,
    item TEXT NOT NULL, retrieved TEXT NOT NULL,
    answer TEXT NOT NULL REFERENCES answers, other TEXT REFERENCES answers,
    readers INTEGER NOT NULL CHECK (readers IN (1, 2)),
    UNIQUE (review, position)
) STRICT;
-- Which candidates gave a task's answers; several where they answered in the same words.
CREATE TABLE IF NOT EXISTS arms (
    task INTEGER NOT NULL REFERENCES tasks, side INTEGER NOT NULL CHECK (side IN (1, 2)),
    run TEXT NOT NULL, candidate TEXT NOT NULL, stratum TEXT NOT NULL,
    probability REAL CHECK (probability > 0 AND probability <= 1),
    PRIMARY KEY (task, run)
) STRICT;
CREATE TABLE IF NOT EXISTS reviewers (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    author_kind TEXT NOT NULL CHECK (author_kind IN ('person', 'model')),
    created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY, secret_sha256 TEXT NOT NULL UNIQUE,
    reviewer TEXT NOT NULL REFERENCES reviewers, created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS leases (
    task INTEGER NOT NULL REFERENCES tasks, reviewer TEXT NOT NULL REFERENCES reviewers,
    opened REAL NOT NULL, seen REAL NOT NULL,
    PRIMARY KEY (task, reviewer)
) STRICT;
CREATE TABLE IF NOT EXISTS labels (
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL REFERENCES tasks,
    role TEXT NOT NULL CHECK (role IN ('reading', 'adjudication')),
    verdict TEXT NOT NULL CHECK (verdict IN ('correct', 'incorrect', 'unsure', 'first', 'second', 'equal')),
    politeness INTEGER CHECK (politeness BETWEEN 1 AND 5),
    conciseness INTEGER CHECK (conciseness BETWEEN 1 AND 5),
    clarity INTEGER CHECK (clarity BETWEEN 1 AND 5),
    comment TEXT NOT NULL,
    reviewer TEXT NOT NULL REFERENCES reviewers,
    author_kind TEXT NOT NULL CHECK (author_kind IN ('person', 'model')),
    seconds REAL CHECK (seconds >= 0),
    guideline TEXT, shown_first INTEGER CHECK (shown_first IN (1, 2)),
    session INTEGER REFERENCES sessions,
    created TEXT NOT NULL, undone TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_live_label ON labels (task, reviewer, role) WHERE undone IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS one_adjudication ON labels (task, author_kind) WHERE undone IS NULL AND role = 'adjudication';
CREATE TRIGGER IF NOT EXISTS labels_stay BEFORE DELETE ON labels
BEGIN SELECT RAISE(ABORT, 'labels are never deleted'); END;
CREATE TRIGGER IF NOT EXISTS labels_do_not_change BEFORE UPDATE ON labels
WHEN OLD.undone IS NOT NULL OR NEW.undone IS NULL OR NEW.id IS NOT OLD.id OR NEW.task IS NOT OLD.task
  OR NEW.role IS NOT OLD.role OR NEW.verdict IS NOT OLD.verdict OR NEW.politeness IS NOT OLD.politeness
  OR NEW.conciseness IS NOT OLD.conciseness OR NEW.clarity IS NOT OLD.clarity OR NEW.comment IS NOT OLD.comment
  OR NEW.reviewer IS NOT OLD.reviewer OR NEW.author_kind IS NOT OLD.author_kind OR NEW.seconds IS NOT OLD.seconds
  OR NEW.guideline IS NOT OLD.guideline OR NEW.shown_first IS NOT OLD.shown_first OR NEW.session IS NOT OLD.session
  OR NEW.created IS NOT OLD.created
BEGIN SELECT RAISE(ABORT, 'a label changes only by being undone'); END;
PRAGMA user_version = 1;
