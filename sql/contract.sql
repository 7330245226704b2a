-- The contract and the data dictionary in one: the tables that every project has, whatever its sources.
--
-- A stage's output is cast to its table here and checked against it: NOT NULL and PRIMARY KEY must hold, a missing
-- optional column is filled with NULL, and a table that no source feeds exists and is empty. Further columns are
-- kept behind these. A comment that begins with "personal:" marks personal data.
--
-- record_id = source name, a colon, and the source's own key, such as 'crm:1042'. Money is DECIMAL with its currency
-- beside it. A TIMESTAMP is UTC, in microseconds.

-- ── clean: one row per thing that a source tells us, in one shape for all sources ──────────────────────────────────

CREATE TABLE clean.contacts (
    record_id       VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the source record: source name, colon, the source''s own key',
    source          VARCHAR   NOT NULL COMMENT 'which source says so',
    updated_at      TIMESTAMP          COMMENT 'when the source last changed the record',
    created_at      TIMESTAMP          COMMENT 'when the source first knew the person',
    full_name       VARCHAR            COMMENT 'personal: the whole name, in the order in which the source writes it',
    given_name      VARCHAR            COMMENT 'personal: given name or names',
    family_name     VARCHAR            COMMENT 'personal: family name',
    birth_date      DATE               COMMENT 'personal: date of birth',
    sex             VARCHAR            COMMENT 'personal: female, male, other',
    email           VARCHAR            COMMENT 'personal: e-mail address, normalised',
    email_verified  BOOLEAN            COMMENT 'true: the person proved it, as by a confirmation link',
    phone           VARCHAR            COMMENT 'personal: phone number, E.164',
    phone_verified  BOOLEAN            COMMENT 'true: the person proved it, as by a code sent by SMS',
    street          VARCHAR            COMMENT 'personal: street and house number',
    city            VARCHAR            COMMENT 'personal: city',
    region          VARCHAR            COMMENT 'state, province or county',
    postcode        VARCHAR            COMMENT 'personal: postcode, normalised',
    country         VARCHAR            COMMENT 'country, ISO 3166-1 alpha-2',
    company         VARCHAR            COMMENT 'the company the person acts for',
    job_title       VARCHAR            COMMENT 'what the person does there',
    account_id      VARCHAR            COMMENT 'B2B: the account that the person belongs to, as in clean.accounts',
    national_id     VARCHAR            COMMENT 'personal: national identity number',
    loyalty_id      VARCHAR            COMMENT 'personal: loyalty card number',
    language        VARCHAR            COMMENT 'preferred language, ISO 639-1'
);

CREATE TABLE clean.identifiers (
    record_id     VARCHAR   NOT NULL COMMENT 'the source record that shows the identifier',
    kind          VARCHAR   NOT NULL COMMENT 'email, phone, loyalty_id, national_id, user_id, device_id, cookie, ad_id, …',
    value         VARCHAR   NOT NULL COMMENT 'personal: the identifier, normalised',
    source        VARCHAR   NOT NULL COMMENT 'which source says so',
    verified      BOOLEAN            COMMENT 'true: the person proved it',
    seen_first_at TIMESTAMP          COMMENT 'when the record first showed it',
    seen_last_at  TIMESTAMP          COMMENT 'when the record last showed it',
    PRIMARY KEY (record_id, kind, value)
);

CREATE TABLE clean.orders (
    order_id   VARCHAR       NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own order number',
    source     VARCHAR       NOT NULL COMMENT 'which source says so',
    record_id  VARCHAR                COMMENT 'the source record of the person who bought; null for an anonymous sale',
    ordered_at TIMESTAMP     NOT NULL COMMENT 'when it was ordered',
    updated_at TIMESTAMP              COMMENT 'when the source last changed the order',
    channel    VARCHAR                COMMENT 'web, store, phone, …',
    store      VARCHAR                COMMENT 'the shop or site',
    status     VARCHAR       NOT NULL COMMENT 'completed, returned, cancelled, open; a return is a row of its own with a negative amount',
    returns_order_id VARCHAR          COMMENT 'for a return: the order that was returned, if known',
    amount     DECIMAL(18,2) NOT NULL COMMENT 'what the customer pays, net of discount; negative for a return',
    discount   DECIMAL(18,2)          COMMENT 'discount granted, as a positive amount',
    currency   VARCHAR       NOT NULL COMMENT 'ISO 4217'
);

CREATE TABLE clean.order_lines (
    order_id    VARCHAR       NOT NULL COMMENT 'the order, as in clean.orders',
    line_number BIGINT        NOT NULL COMMENT 'position within the order, from 1',
    source      VARCHAR       NOT NULL COMMENT 'which source says so',
    product_id  VARCHAR                COMMENT 'the product, as in clean.products',
    quantity    DECIMAL(18,3)          COMMENT 'how many; negative for a return',
    unit_price  DECIMAL(18,4)          COMMENT 'price of one, before discount',
    discount    DECIMAL(18,2)          COMMENT 'discount on the line, as a positive amount',
    amount      DECIMAL(18,2)          COMMENT 'what the customer pays for the line; negative for a return',
    currency    VARCHAR                COMMENT 'ISO 4217',
    PRIMARY KEY (order_id, line_number)
);

CREATE TABLE clean.products (
    product_id VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the product number that order lines carry',
    source     VARCHAR       NOT NULL COMMENT 'which source says so',
    name       VARCHAR                COMMENT 'what it is called',
    category   VARCHAR                COMMENT 'the group it is sold in',
    brand      VARCHAR                COMMENT 'brand',
    unit_price DECIMAL(18,4)          COMMENT 'list price',
    unit_cost  DECIMAL(18,4)          COMMENT 'what it costs us',
    currency   VARCHAR                COMMENT 'ISO 4217'
);

CREATE TABLE clean.events (
    event_id    VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own event key',
    source      VARCHAR   NOT NULL COMMENT 'which source says so',
    record_id   VARCHAR            COMMENT 'who: the device, cookie or user record that identifiers know',
    occurred_at TIMESTAMP NOT NULL COMMENT 'when it happened',
    kind        VARCHAR   NOT NULL COMMENT 'view, search, add_to_cart, remove_from_cart, checkout, purchase, login, …',
    page        VARCHAR            COMMENT 'page or screen',
    product_id  VARCHAR            COMMENT 'the product, as in clean.products',
    session_id  VARCHAR            COMMENT 'the source''s own session, if it has one',
    device      VARCHAR            COMMENT 'desktop, phone, tablet',
    channel     VARCHAR            COMMENT 'how the person came: direct, search, email, ad, social, …'
);

CREATE TABLE clean.event_summaries (
    record_id         VARCHAR   NOT NULL COMMENT 'who: as in clean.events',
    source            VARCHAR   NOT NULL COMMENT 'which source says so',
    session_id        VARCHAR   NOT NULL COMMENT 'the source''s own session; empty if it has none',
    product_id        VARCHAR   NOT NULL COMMENT 'the product, as in clean.products; empty for what was done without one',
    started_at        TIMESTAMP NOT NULL COMMENT 'first event',
    ended_at          TIMESTAMP NOT NULL COMMENT 'last event, on the same day in UTC',
    events            BIGINT    NOT NULL COMMENT 'how many events',
    views             BIGINT    NOT NULL COMMENT 'of these, views',
    searches          BIGINT    NOT NULL COMMENT 'searches',
    carted            BIGINT    NOT NULL COMMENT 'times put in the cart',
    removed           BIGINT    NOT NULL COMMENT 'times taken out of the cart',
    checkouts         BIGINT    NOT NULL COMMENT 'checkouts',
    purchases         BIGINT    NOT NULL COMMENT 'purchases, by the events',
    last_viewed_at    TIMESTAMP          COMMENT 'last view',
    last_carted_at    TIMESTAMP          COMMENT 'when it was last put in the cart',
    last_removed_at   TIMESTAMP          COMMENT 'when it was last taken out',
    last_purchased_at TIMESTAMP          COMMENT 'when it was last bought, by the events',
    device            VARCHAR            COMMENT 'desktop, phone, tablet; of several the first by name',
    channel           VARCHAR            COMMENT 'how the person came: direct, search, email, ad, social, …',
    entry_page        VARCHAR            COMMENT 'first page or screen',
    PRIMARY KEY (record_id, started_at, source, session_id, product_id)
);

CREATE TABLE clean.past_event_summaries (
    record_id         VARCHAR   NOT NULL COMMENT 'as in clean.event_summaries, of which these are the rows whose events are gone',
    source            VARCHAR   NOT NULL COMMENT 'which source said so; up to its last day here, what it says of events counts no longer',
    session_id        VARCHAR   NOT NULL COMMENT 'the source''s own session; empty if it has none',
    product_id        VARCHAR   NOT NULL COMMENT 'the product, as in clean.products; empty for what was done without one',
    started_at        TIMESTAMP NOT NULL COMMENT 'first event',
    ended_at          TIMESTAMP NOT NULL COMMENT 'last event, on the same day in UTC',
    events            BIGINT    NOT NULL COMMENT 'how many events',
    views             BIGINT    NOT NULL COMMENT 'of these, views',
    searches          BIGINT    NOT NULL COMMENT 'searches',
    carted            BIGINT    NOT NULL COMMENT 'times put in the cart',
    removed           BIGINT    NOT NULL COMMENT 'times taken out of the cart',
    checkouts         BIGINT    NOT NULL COMMENT 'checkouts',
    purchases         BIGINT    NOT NULL COMMENT 'purchases, by the events',
    last_viewed_at    TIMESTAMP          COMMENT 'last view',
    last_carted_at    TIMESTAMP          COMMENT 'when it was last put in the cart',
    last_removed_at   TIMESTAMP          COMMENT 'when it was last taken out',
    last_purchased_at TIMESTAMP          COMMENT 'when it was last bought, by the events',
    device            VARCHAR            COMMENT 'desktop, phone, tablet; of several the first by name',
    channel           VARCHAR            COMMENT 'how the person came: direct, search, email, ad, social, …',
    entry_page        VARCHAR            COMMENT 'first page or screen',
    PRIMARY KEY (record_id, started_at, source, session_id, product_id)
);

CREATE TABLE clean.messages (
    message_id      VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own key of the touch',
    source          VARCHAR   NOT NULL COMMENT 'which source says so',
    record_id       VARCHAR            COMMENT 'who it was sent to',
    campaign        VARCHAR            COMMENT 'campaign name',
    channel         VARCHAR   NOT NULL COMMENT 'email, sms, push, post',
    address         VARCHAR            COMMENT 'personal: the e-mail address or phone number it went to, normalised',
    sent_at         TIMESTAMP NOT NULL COMMENT 'when it was sent',
    opened_at       TIMESTAMP          COMMENT 'first opened',
    clicked_at      TIMESTAMP          COMMENT 'first clicked',
    bounced_at      TIMESTAMP          COMMENT 'when it came back for good',
    unsubscribed_at TIMESTAMP          COMMENT 'when the person unsubscribed through it',
    complained_at   TIMESTAMP          COMMENT 'when the person called it spam'
);

CREATE TABLE clean.consents (
    consent_id     VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own key of the statement',
    source         VARCHAR   NOT NULL COMMENT 'which source says so',
    record_id      VARCHAR            COMMENT 'whose statement it is',
    purpose        VARCHAR   NOT NULL COMMENT 'marketing, profiling, service, …',
    channel        VARCHAR            COMMENT 'email, sms, phone, post; null: all channels',
    granted        BOOLEAN   NOT NULL COMMENT 'true: granted, false: withdrawn',
    effective_at   TIMESTAMP NOT NULL COMMENT 'from when it holds',
    given_where    VARCHAR            COMMENT 'form, till, call, … where it was given',
    notice_version VARCHAR            COMMENT 'the privacy notice the person saw',
    proof          VARCHAR            COMMENT 'where the proof is kept'
);

CREATE TABLE clean.tickets (
    ticket_id    VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own key',
    source       VARCHAR   NOT NULL COMMENT 'which source says so',
    record_id    VARCHAR            COMMENT 'who asked',
    opened_at    TIMESTAMP NOT NULL COMMENT 'when it was opened',
    closed_at    TIMESTAMP          COMMENT 'when it was closed; null: still open',
    topic        VARCHAR            COMMENT 'what it is about',
    is_complaint BOOLEAN            COMMENT 'true: the customer complains',
    text         VARCHAR            COMMENT 'personal: what the customer wrote'
);

CREATE TABLE clean.loyalty_movements (
    movement_id VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own key',
    source      VARCHAR   NOT NULL COMMENT 'which source says so',
    record_id   VARCHAR            COMMENT 'whose card',
    moved_at    TIMESTAMP NOT NULL COMMENT 'when',
    points      BIGINT    NOT NULL COMMENT 'points earned (positive) or spent (negative)',
    reason      VARCHAR            COMMENT 'purchase, reward, correction, expiry, …',
    tier        VARCHAR            COMMENT 'tier after the movement'
);

CREATE TABLE clean.accounts (
    account_id VARCHAR   NOT NULL PRIMARY KEY COMMENT 'source name, colon, the source''s own key of the company',
    source     VARCHAR   NOT NULL COMMENT 'which source says so',
    updated_at TIMESTAMP          COMMENT 'when the source last changed it',
    name       VARCHAR            COMMENT 'company name',
    domain     VARCHAR            COMMENT 'e-mail and web domain, lower case',
    industry   VARCHAR            COMMENT 'line of business',
    size       VARCHAR            COMMENT 'number of employees, as a band such as 50-249',
    owner      VARCHAR            COMMENT 'who looks after it on our side',
    renews_on  DATE               COMMENT 'when the contract renews',
    parent_account_id VARCHAR     COMMENT 'the account at the head of its group, as in clean.accounts; null: it is its own'
);

-- ── match: which records are the same person ─────────────────────────────────────────────────────────────────────

CREATE TABLE match.names (
    word      VARCHAR NOT NULL PRIMARY KEY COMMENT 'a word that names are made of, folded',
    as_given  BIGINT  NOT NULL             COMMENT 'how many contacts have it in their given name',
    as_family BIGINT  NOT NULL             COMMENT 'how many contacts have it in their family name',
    bearers   BIGINT  NOT NULL             COMMENT 'how many contacts have it anywhere in their name',
    is_listed BOOLEAN NOT NULL             COMMENT 'true: the nickname table has it'
);

CREATE TABLE match.name_variants (
    name    VARCHAR NOT NULL COMMENT 'a given name, folded',
    variant VARCHAR NOT NULL COMMENT 'another name that the same person may go by, folded',
    PRIMARY KEY (name, variant)
);

CREATE TABLE match.first_seen (
    record_id     VARCHAR NOT NULL PRIMARY KEY COMMENT 'the source record: of a contact, an identifier, or what happened',
    first_seen_at TIMESTAMP                    COMMENT 'when it was created or first showed up; null: nobody says'
);

CREATE TABLE match.records (
    record_id           VARCHAR NOT NULL PRIMARY KEY COMMENT 'the source record, as clean.contacts and identifiers have it',
    source              VARCHAR NOT NULL             COMMENT 'which source the record is from',
    is_contact          BOOLEAN NOT NULL             COMMENT 'true: a record of clean.contacts',
    is_person           BOOLEAN NOT NULL             COMMENT 'true: a person stands behind it; false: only a device was seen',
    is_shared           BOOLEAN NOT NULL             COMMENT 'true: several people use it, as a tablet; it joins nobody',
    latin_name          VARCHAR                      COMMENT 'personal: the name in Latin letters, folded, words sorted',
    native_name         VARCHAR                      COMMENT 'personal: the name in another script, folded, family name first, without spaces',
    given_name          VARCHAR                      COMMENT 'personal: the given name in Latin letters, folded',
    birth_date          DATE                         COMMENT 'personal: date of birth, unless a placeholder or before 1900',
    national_id         VARCHAR                      COMMENT 'personal: national identity number',
    name_at_home        VARCHAR                      COMMENT 'personal: postcode, numbers of the address, and name',
    has_more_than_phone BOOLEAN NOT NULL             COMMENT 'true: it shows an identifier other than a phone number'
);

CREATE TABLE match.evidence (
    record_id      VARCHAR NOT NULL COMMENT 'the source record',
    kind           VARCHAR NOT NULL COMMENT 'kind of identifier, as in clean.identifiers',
    value          VARCHAR NOT NULL COMMENT 'personal: the identifier',
    verified       BOOLEAN          COMMENT 'true: the person proved it',
    latin_name     VARCHAR          COMMENT 'personal: the name in Latin letters, folded, words sorted',
    native_name    VARCHAR          COMMENT 'personal: the name in another script, folded, without spaces',
    given_name     VARCHAR          COMMENT 'personal: the given name in Latin letters, folded',
    birth_date     DATE             COMMENT 'personal: date of birth',
    may_join_alone BOOLEAN NOT NULL COMMENT 'false: a phone number of a record without a name that shows more',
    PRIMARY KEY (record_id, kind, value)
);

CREATE TABLE match.shared_values (
    kind          VARCHAR NOT NULL COMMENT 'kind of identifier, as in clean.identifiers',
    value         VARCHAR NOT NULL COMMENT 'personal: the identifier',
    records       BIGINT  NOT NULL COMMENT 'how many records show it',
    named_records BIGINT  NOT NULL COMMENT 'how many of them have a name',
    reach         VARCHAR NOT NULL COMMENT 'person: whoever shows it is one person; name: only together with a name; nobody: generic',
    PRIMARY KEY (kind, value)
);

CREATE TABLE match.shared_members (
    record_id      VARCHAR NOT NULL COMMENT 'the source record',
    kind           VARCHAR NOT NULL COMMENT 'kind of identifier',
    value          VARCHAR NOT NULL COMMENT 'personal: an identifier that several people seem to share',
    verified       BOOLEAN          COMMENT 'true: the person proved it',
    name           VARCHAR          COMMENT 'personal: the name that the record gives, folded; Latin words are sorted',
    is_latin       BOOLEAN NOT NULL COMMENT 'true: the name is in Latin letters',
    given_name     VARCHAR          COMMENT 'personal: the given name that the record gives, folded',
    birth_date     DATE             COMMENT 'personal: the birth date that the record gives',
    may_join_alone BOOLEAN NOT NULL COMMENT 'false: a phone number of a record without a name that shows more',
    PRIMARY KEY (record_id, kind, value)
);

CREATE TABLE match.shared_names (
    kind           VARCHAR NOT NULL COMMENT 'kind of identifier',
    value          VARCHAR NOT NULL COMMENT 'personal: the identifier',
    name           VARCHAR NOT NULL COMMENT 'personal: a name that records give under it',
    is_latin       BOOLEAN NOT NULL COMMENT 'true: it is in Latin letters',
    records        BIGINT  NOT NULL COMMENT 'how many records give it',
    given_name     VARCHAR          COMMENT 'personal: the given name in it',
    birth_date_min DATE             COMMENT 'personal: earliest birth date of these records',
    birth_date_max DATE             COMMENT 'personal: latest birth date of these records',
    is_spelled_out BOOLEAN NOT NULL COMMENT 'true: the e-mail address consists of the name',
    names          BIGINT  NOT NULL COMMENT 'how many names there are under the identifier',
    latin_names    BIGINT  NOT NULL COMMENT 'how many of them in Latin letters',
    PRIMARY KEY (kind, value, name)
);

CREATE TABLE match.shared_words (
    kind           VARCHAR NOT NULL COMMENT 'kind of identifier',
    value          VARCHAR NOT NULL COMMENT 'personal: the identifier',
    name           VARCHAR NOT NULL COMMENT 'personal: a name under it',
    word           VARCHAR NOT NULL COMMENT 'personal: a word of the name',
    bearers        BIGINT  NOT NULL COMMENT 'how many contacts have the word in their name',
    is_listed      BOOLEAN NOT NULL COMMENT 'true: the nickname table has it',
    is_family_name BOOLEAN NOT NULL COMMENT 'true: it is a family name more often than a given name',
    words          BIGINT  NOT NULL COMMENT 'how many words the name has',
    PRIMARY KEY (kind, value, name, word)
);

CREATE TABLE match.shared_matches (
    kind           VARCHAR NOT NULL COMMENT 'kind of identifier',
    value          VARCHAR NOT NULL COMMENT 'personal: the identifier',
    name           VARCHAR NOT NULL COMMENT 'personal: a name under it',
    other_name     VARCHAR NOT NULL COMMENT 'personal: a name under it; may be the same',
    matched        BIGINT  NOT NULL COMMENT 'how many words of the name the other has too, though perhaps misspelt',
    words          BIGINT  NOT NULL COMMENT 'how many words the name has',
    is_family_name BOOLEAN NOT NULL COMMENT 'true: all matching words are rather family names',
    PRIMARY KEY (kind, value, name, other_name)
);

CREATE TABLE match.shared_pairs (
    kind       VARCHAR NOT NULL COMMENT 'kind of identifier',
    value      VARCHAR NOT NULL COMMENT 'personal: the identifier',
    name       VARCHAR NOT NULL COMMENT 'personal: a name under it',
    other_name VARCHAR NOT NULL COMMENT 'personal: a name under it that means the same person; may be the same name',
    names      BIGINT  NOT NULL COMMENT 'how many names there are under the identifier',
    PRIMARY KEY (kind, value, name, other_name)
);

CREATE TABLE match.identifiers (
    record_id VARCHAR NOT NULL COMMENT 'the source record, as in clean.contacts and clean.identifiers',
    kind      VARCHAR NOT NULL COMMENT 'kind of identifier; with +name if the value is shared and holds a name too',
    value     VARCHAR NOT NULL COMMENT 'personal: records with the same kind and value are the same person',
    verified  BOOLEAN          COMMENT 'true: the person proved it',
    PRIMARY KEY (record_id, kind, value)
);

CREATE TABLE match.comparisons (
    record_id   VARCHAR NOT NULL PRIMARY KEY COMMENT 'the source record, as in clean.contacts',
    source      VARCHAR NOT NULL COMMENT 'which source says so',
    full_name   VARCHAR          COMMENT 'personal: the whole name',
    given_name  VARCHAR          COMMENT 'personal: given name or names',
    family_name VARCHAR          COMMENT 'personal: family name',
    birth_date  DATE             COMMENT 'personal: date of birth',
    sex         VARCHAR          COMMENT 'personal: female, male, other',
    email       VARCHAR          COMMENT 'personal: e-mail address, normalised',
    phone       VARCHAR          COMMENT 'personal: phone number, E.164',
    street      VARCHAR          COMMENT 'personal: street and house number',
    city        VARCHAR          COMMENT 'personal: city',
    region      VARCHAR          COMMENT 'state, province or county',
    postcode    VARCHAR          COMMENT 'personal: postcode, normalised',
    country     VARCHAR          COMMENT 'country, ISO 3166-1 alpha-2',
    company     VARCHAR          COMMENT 'the company the person acts for',
    national_id VARCHAR          COMMENT 'personal: national identity number',
    loyalty_id  VARCHAR          COMMENT 'personal: loyalty card number'
);

CREATE TABLE match.overrides (
    left_record  VARCHAR   NOT NULL COMMENT 'the one record, the smaller id of the two',
    right_record VARCHAR   NOT NULL COMMENT 'the other record',
    decision     VARCHAR   NOT NULL COMMENT 'link: one person, whatever speaks against it; unlink: never one person',
    note         VARCHAR            COMMENT 'why, in the words of whoever decided',
    decided_at   TIMESTAMP NOT NULL COMMENT 'when it was decided',
    PRIMARY KEY (left_record, right_record)
);

CREATE TABLE match.identities (
    record_id   VARCHAR NOT NULL PRIMARY KEY COMMENT 'the source record, as in clean.contacts and clean.identifiers',
    customer_id VARCHAR NOT NULL             COMMENT 'the customer: one person, the same from run to run',
    confidence  DOUBLE  NOT NULL             COMMENT 'how sure it is that the record belongs to the customer, and one of one record to no other, 0 to 1',
    reason      VARCHAR                      COMMENT 'what joined it to the others: a kind of identifier, score, override; single: nothing',
    since       BIGINT  NOT NULL             COMMENT 'the run that gave the customer this id',
    former_customer_ids VARCHAR              COMMENT 'whose it once was, the last first, apart by spaces; null: nobody else''s'
);

CREATE TABLE match.edges (
    left_record  VARCHAR NOT NULL COMMENT 'the one record, the smaller id of the two',
    right_record VARCHAR NOT NULL COMMENT 'the other record; the links of a customer of n records are n − 1, and hold it together',
    kind         VARCHAR NOT NULL COMMENT 'by what: a kind of identifier, score (likeness), override (a person decided)',
    weight       DOUBLE  NOT NULL COMMENT 'how probable it is that they are one person, 0 to 1',
    PRIMARY KEY (left_record, right_record)
);

CREATE TABLE match.refusals (
    left_record  VARCHAR NOT NULL COMMENT 'the one record, the smaller id of the two',
    right_record VARCHAR NOT NULL COMMENT 'the other record, with which it shares something that would join them',
    kind         VARCHAR NOT NULL COMMENT 'what would have joined them: a kind of identifier, override',
    veto         VARCHAR NOT NULL COMMENT 'what forbade it: a column in which two people differ, or unlink'
);

CREATE TABLE match.reviews (
    left_record  VARCHAR NOT NULL COMMENT 'the most alike record of the one customer',
    right_record VARCHAR NOT NULL COMMENT 'the most alike record of the other customer',
    weight       DOUBLE  NOT NULL COMMENT 'mean match weight of the records of both customers, in bits: 0 is as likely as not',
    probability  DOUBLE  NOT NULL COMMENT 'how probable it is that the two customers are one person, 0 to 1',
    PRIMARY KEY (left_record, right_record)
);

CREATE TABLE match.history (
    run               BIGINT  NOT NULL COMMENT 'the run in which it happened',
    customer_id       VARCHAR NOT NULL COMMENT 'whom it happened to',
    other_customer_id VARCHAR          COMMENT 'whom records came from; null: nobody, as of new records',
    event             VARCHAR NOT NULL COMMENT 'created, merged (the other became part of this one), split (of the other, who goes on), moved (records came over), retired (no record is left)',
    records           BIGINT  NOT NULL COMMENT 'how many records it was about'
);

CREATE TABLE match.aliases (
    old_customer_id VARCHAR NOT NULL PRIMARY KEY COMMENT 'an id that nobody bears any more',
    customer_id     VARCHAR                      COMMENT 'who bears on what it stood for; null: none of the records is left'
);

CREATE TABLE match.block_report (
    kind       VARCHAR NOT NULL COMMENT 'the kind of identifier',
    value_hash VARCHAR NOT NULL COMMENT 'a hash of its value, the same from run to run',
    records    BIGINT  NOT NULL COMMENT 'how many records show it',
    action     VARCHAR NOT NULL COMMENT 'generic, too_large: it joins nobody; contested: it joins only who is named alike',
    PRIMARY KEY (kind, value_hash)
);

CREATE TABLE match.model (
    comparison        VARCHAR NOT NULL COMMENT 'what of match.comparisons is compared',
    holds             VARCHAR NOT NULL COMMENT 'what kind of value it is',
    depends_on        VARCHAR          COMMENT 'another comparison on whose agreement this one depends; null: on none',
    depends_on_agrees BOOLEAN          COMMENT 'whether that one agrees; null: it depends on none',
    level             VARCHAR NOT NULL COMMENT 'how far two values agree: exact, close, different, …',
    m                 DOUBLE  NOT NULL COMMENT 'how often two records of one person agree so far, 0 to 1',
    u                 DOUBLE  NOT NULL COMMENT 'how often records of two people do, 0 to 1',
    weight            DOUBLE  NOT NULL COMMENT 'what it adds to the match weight, in bits: the logarithm of m / u'
);

CREATE TABLE match.fit (
    records  BIGINT NOT NULL COMMENT 'records from which match.model was learnt, each once that says the same',
    pairs    BIGINT NOT NULL COMMENT 'pairs of records that were compared',
    prior    DOUBLE NOT NULL COMMENT 'how probable it is that any two records are of one person, 0 to 1',
    matches  DOUBLE NOT NULL COMMENT 'pairs of one person among those that taught it, as the model counts them',
    links    BIGINT NOT NULL COMMENT 'pairs that were linked by likeness',
    reviews  BIGINT NOT NULL COMMENT 'pairs of customers that are in doubt (match.reviews)',
    warnings VARCHAR         COMMENT 'what makes the model doubtful; null: nothing does'
);

-- ── profile: one golden record per customer, and what happened to the customer ───────────────────────────────────

CREATE TABLE profile.records (
    customer_id   VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    record_id     VARCHAR   NOT NULL COMMENT 'a source record of the customer that there was before $as_of',
    source        VARCHAR   NOT NULL COMMENT 'which source the record is from',
    is_contact    BOOLEAN   NOT NULL COMMENT 'true: a record of clean.contacts',
    is_person     BOOLEAN   NOT NULL COMMENT 'true: a person stands behind it; false: only a device was seen',
    is_shared     BOOLEAN   NOT NULL COMMENT 'true: several people use it, as a tablet',
    confidence    DOUBLE    NOT NULL COMMENT 'how sure it is that the record belongs to the customer, 0 to 1',
    first_seen_at TIMESTAMP          COMMENT 'when it was created or first showed up; null: nobody says',
    birth_date    DATE               COMMENT 'personal: date of birth, unless a placeholder or before 1900',
    native_name   VARCHAR            COMMENT 'personal: the name in a script other than Latin, folded, family name first',
    PRIMARY KEY (customer_id, record_id)
);

CREATE TABLE profile.devices (
    record_id           VARCHAR   NOT NULL COMMENT 'the device, browser or app, as in clean.identifiers',
    customer_id         VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    identified_first_at TIMESTAMP          COMMENT 'when the customer was first identified on it; null: the source does not say',
    identified_last_at  TIMESTAMP          COMMENT 'when the customer was last identified on it, $as_of at most; null: the source does not say',
    PRIMARY KEY (record_id, customer_id)
);

CREATE TABLE profile.trust (
    attribute  VARCHAR NOT NULL COMMENT 'name, birth_date, sex, email, phone, address, company, language',
    source     VARCHAR NOT NULL COMMENT 'the source, or * for any',
    verified   BOOLEAN NOT NULL COMMENT 'true: the rule is for values that the person proved',
    trust      DOUBLE  NOT NULL COMMENT '0 to 1: the most trusted claim survives',
    stale_days BIGINT           COMMENT 'a claim that nothing has confirmed for longer is stale; null: never',
    PRIMARY KEY (attribute, source, verified)
);

CREATE TABLE profile.source_trust (
    source                    VARCHAR NOT NULL PRIMARY KEY COMMENT 'the source',
    name_trust                DOUBLE                       COMMENT 'trust in its name',
    birth_date_trust          DOUBLE                       COMMENT 'trust in its birth date',
    sex_trust                 DOUBLE                       COMMENT 'trust in its sex',
    email_trust               DOUBLE                       COMMENT 'trust in its email',
    email_stale_days          BIGINT                       COMMENT 'after how many days its email is stale',
    verified_email_trust      DOUBLE                       COMMENT 'trust in its verified email',
    verified_email_stale_days BIGINT                       COMMENT 'after how many days its verified email is stale',
    phone_trust               DOUBLE                       COMMENT 'trust in its phone',
    phone_stale_days          BIGINT                       COMMENT 'after how many days its phone is stale',
    verified_phone_trust      DOUBLE                       COMMENT 'trust in its verified phone',
    verified_phone_stale_days BIGINT                       COMMENT 'after how many days its verified phone is stale',
    address_trust             DOUBLE                       COMMENT 'trust in its address',
    address_stale_days        BIGINT                       COMMENT 'after how many days its address is stale',
    company_trust             DOUBLE                       COMMENT 'trust in its company',
    company_stale_days        BIGINT                       COMMENT 'after how many days its company is stale',
    language_trust            DOUBLE                       COMMENT 'trust in its language'
);

CREATE TABLE profile.addresses (
    address           VARCHAR   NOT NULL PRIMARY KEY COMMENT 'personal: e-mail address or phone number',
    last_confirmed_at TIMESTAMP                      COMMENT 'when a message to it was last opened or clicked',
    last_bounced_at   TIMESTAMP                      COMMENT 'when a message to it last came back for good',
    is_dead           BOOLEAN   NOT NULL             COMMENT 'true: it came back, and nothing has been opened since'
);

CREATE TABLE profile.contacts (
    customer_id        VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    record_id          VARCHAR   NOT NULL COMMENT 'the source record, as in clean.contacts and clean.identifiers',
    source             VARCHAR   NOT NULL COMMENT 'which source says so',
    is_contact         BOOLEAN   NOT NULL COMMENT 'true: a record of clean.contacts; false: known by identifiers only',
    confirmed_at       TIMESTAMP          COMMENT 'when the record was last changed, or else created, before $as_of',
    created_at         TIMESTAMP          COMMENT 'when the source first knew the person',
    name               VARCHAR            COMMENT 'personal: given, family and whole name, between unit separators',
    name_trust         DOUBLE             COMMENT 'trust in the name',
    birth_date         DATE               COMMENT 'personal: date of birth',
    birth_date_trust   DOUBLE             COMMENT 'trust in the birth date',
    sex                VARCHAR            COMMENT 'personal: female, male, other',
    sex_trust          DOUBLE             COMMENT 'trust in the sex',
    email              VARCHAR            COMMENT 'personal: e-mail address',
    email_confirmed_at TIMESTAMP          COMMENT 'when the address was last confirmed, by the source or an opened message',
    email_trust        DOUBLE             COMMENT 'trust in the address; below zero: stale',
    phone              VARCHAR            COMMENT 'personal: phone number',
    phone_confirmed_at TIMESTAMP          COMMENT 'when the number was last confirmed',
    phone_trust        DOUBLE             COMMENT 'trust in the number; below zero: stale',
    address            VARCHAR            COMMENT 'personal: street, postcode, city, region and country, between unit separators',
    address_trust      DOUBLE             COMMENT 'trust in the address; below zero: stale',
    company            VARCHAR            COMMENT 'company, job title and account, between unit separators',
    company_trust      DOUBLE             COMMENT 'trust in the company; below zero: stale',
    language           VARCHAR            COMMENT 'preferred language',
    language_trust     DOUBLE             COMMENT 'trust in the language',
    PRIMARY KEY (customer_id, record_id)
);

CREATE TABLE profile.people (
    customer_id      VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    given_name       VARCHAR                        COMMENT 'personal: given name or names',
    family_name      VARCHAR                        COMMENT 'personal: family name',
    full_name        VARCHAR                        COMMENT 'personal: whole name, as it is written: family name first in Han, Kana and Hangul',
    birth_date       DATE                           COMMENT 'personal: date of birth',
    sex              VARCHAR                        COMMENT 'personal: female, male, other',
    email            VARCHAR                        COMMENT 'personal: e-mail address',
    email_is_stale   BOOLEAN                        COMMENT 'true: messages to it come back, or nothing has confirmed it for long',
    phone            VARCHAR                        COMMENT 'personal: phone number, E.164',
    phone_is_stale   BOOLEAN                        COMMENT 'true: messages to it come back, or nothing has confirmed it for long',
    street           VARCHAR                        COMMENT 'personal: street and house number',
    postcode         VARCHAR                        COMMENT 'personal: postcode',
    city             VARCHAR                        COMMENT 'personal: city',
    region           VARCHAR                        COMMENT 'state, province or county',
    country          VARCHAR                        COMMENT 'country, ISO 3166-1 alpha-2',
    address_is_stale BOOLEAN                        COMMENT 'true: nothing has confirmed it for long',
    company          VARCHAR                        COMMENT 'the company the person acts for',
    job_title        VARCHAR                        COMMENT 'what the person does there',
    account_id       VARCHAR                        COMMENT 'B2B: the account, as in clean.accounts',
    language         VARCHAR                        COMMENT 'preferred language, ISO 639-1',
    email_consent    BOOLEAN                        COMMENT 'consent to marketing by e-mail; null: never asked, which is no consent',
    sms_consent      BOOLEAN                        COMMENT 'consent to marketing by SMS',
    phone_consent    BOOLEAN                        COMMENT 'consent to marketing by phone',
    post_consent     BOOLEAN                        COMMENT 'consent to marketing by post',
    records          BIGINT    NOT NULL             COMMENT 'how many source records are this customer',
    sources          BIGINT    NOT NULL             COMMENT 'from how many sources',
    confidence       DOUBLE    NOT NULL             COMMENT 'confidence in the least certain of the records, 0 to 1',
    first_seen_at    TIMESTAMP                      COMMENT 'when a source first knew the person',
    last_seen_at     TIMESTAMP                      COMMENT 'when a contact record last changed'
);

CREATE TABLE profile.customers (
    customer_id                            VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    full_name                              VARCHAR                            COMMENT 'personal: whole name, as it is written: family name first in Han, Kana and Hangul',
    given_name                             VARCHAR                            COMMENT 'personal: given name or names',
    family_name                            VARCHAR                            COMMENT 'personal: family name',
    birth_date                             DATE                               COMMENT 'personal: date of birth',
    sex                                    VARCHAR                            COMMENT 'personal: female, male, other',
    language                               VARCHAR                            COMMENT 'preferred language, ISO 639-1',
    company                                VARCHAR                            COMMENT 'the company the person acts for',
    job_title                              VARCHAR                            COMMENT 'what the person does there',
    account_id                             VARCHAR                            COMMENT 'B2B: the account, as in clean.accounts',
    email                                  VARCHAR                            COMMENT 'personal: e-mail address',
    email_is_stale                         BOOLEAN                            COMMENT 'true: messages to it come back, or nothing has confirmed it for long',
    phone                                  VARCHAR                            COMMENT 'personal: phone number, E.164',
    phone_is_stale                         BOOLEAN                            COMMENT 'true: messages to it come back, or nothing has confirmed it for long',
    street                                 VARCHAR                            COMMENT 'personal: street and house number',
    postcode                               VARCHAR                            COMMENT 'personal: postcode',
    city                                   VARCHAR                            COMMENT 'personal: city',
    region                                 VARCHAR                            COMMENT 'state, province or county',
    country                                VARCHAR                            COMMENT 'country, ISO 3166-1 alpha-2',
    address_is_stale                       BOOLEAN                            COMMENT 'true: nothing has confirmed it for long',
    email_consent                          BOOLEAN                            COMMENT 'consent to marketing by e-mail; null: never asked, which is no consent',
    sms_consent                            BOOLEAN                            COMMENT 'consent to marketing by SMS',
    phone_consent                          BOOLEAN                            COMMENT 'consent to marketing by phone',
    post_consent                           BOOLEAN                            COMMENT 'consent to marketing by post',
    contact_channel                        VARCHAR                            COMMENT 'by which channel to write that reaches the customer and was not refused, agreed ones first; null: none (profile.contact_times)',
    contact_hour                           BIGINT                             COMMENT 'at which hour of the day, in UTC (profile.contact_times)',
    lifecycle                              VARCHAR       NOT NULL             COMMENT 'prospect, new, active, at_risk, lapsed, churned (rfm.lifecycle)',
    orders                                 BIGINT        NOT NULL             COMMENT 'purchases in any currency (rfm.lifecycle)',
    first_order_at                         TIMESTAMP                          COMMENT 'first purchase (rfm.lifecycle)',
    last_order_at                          TIMESTAMP                          COMMENT 'last purchase before $as_of (rfm.lifecycle)',
    recency_days                           BIGINT                             COMMENT 'whole days from the last purchase to $as_of (rfm.lifecycle)',
    monetary                               DECIMAL(18,2)                      COMMENT 'net spend in the reporting currency (rfm.history)',
    currency                               VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    rfm_score                              BIGINT                             COMMENT 'recency, frequency and monetary score as one number, such as 545 (rfm.scores)',
    rfm_label                              VARCHAR                            COMMENT 'champion, loyal, … (rfm.scores)',
    p_alive                                DOUBLE                             COMMENT 'probability to be a customer still (rfm.predictions)',
    predicted_order_frequency_next_365d    DOUBLE                             COMMENT 'expected days with a purchase within 365 days (rfm.predictions)',
    predicted_clv_next_365d                DECIMAL(18,2)                      COMMENT 'expected spend within 365 days, discounted (rfm.predictions)',
    predicted_customer_lifetime_value_tier VARCHAR                            COMMENT 'platinum, gold, silver, bronze, medium, low (rfm.predictions)',
    p_repeat_purchase                      DOUBLE                             COMMENT 'probability to buy within $propensity_days (rfm.propensities)',
    p_churn                                DOUBLE                             COMMENT 'probability not to buy for $lapsed_days (rfm.propensities)',
    cluster                                VARCHAR                            COMMENT 'what sets the customers apart that this one is like (rfm.clusters)',
    favourite_category                     VARCHAR                            COMMENT 'category bought most often (profile.favourites)',
    favourite_brand                        VARCHAR                            COMMENT 'brand bought most often (profile.favourites)',
    favourite_store                        VARCHAR                            COMMENT 'store with most purchases (profile.favourites)',
    favourite_channel                      VARCHAR                            COMMENT 'channel with most purchases (profile.favourites)',
    next_product_id                        VARCHAR                            COMMENT 'the product to offer first (rfm.next_products)',
    return_rate                            DOUBLE                             COMMENT 'returns for each purchase (profile.habits)',
    discount_share                         DOUBLE                             COMMENT 'discounts as a share of what the purchases would have cost without (profile.habits)',
    loyalty_tier                           VARCHAR                            COMMENT 'tier after the last movement (profile.loyalty)',
    loyalty_points                         BIGINT                             COMMENT 'balance (profile.loyalty)',
    tickets                                BIGINT        NOT NULL             COMMENT 'support cases (profile.service)',
    open_complaints                        BIGINT        NOT NULL             COMMENT 'open complaints (profile.service)',
    main_topic                             VARCHAR                            COMMENT 'what most support cases are about (profile.service)',
    mean_tone                              DOUBLE                             COMMENT 'tone of what the customer wrote, from -1 (bad) to 1 (good) (profile.service)',
    visits                                 BIGINT        NOT NULL             COMMENT 'sessions on web site and app (profile.browsing)',
    last_contact_at                        TIMESTAMP                          COMMENT 'when the customer last did anything (profile.last_contacts)',
    last_contact_kind                      VARCHAR                            COMMENT 'what it was: order, visit, message, ticket, loyalty (profile.last_contacts)',
    confidence                             DOUBLE        NOT NULL             COMMENT 'confidence in the least certain of the records, 0 to 1',
    records                                BIGINT        NOT NULL             COMMENT 'how many source records are this customer',
    sources                                BIGINT        NOT NULL             COMMENT 'from how many sources',
    first_seen_at                          TIMESTAMP                          COMMENT 'when a source first knew the person',
    last_seen_at                           TIMESTAMP                          COMMENT 'when a contact record last changed'
);

CREATE TABLE profile.provenance (
    customer_id  VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    attribute    VARCHAR   NOT NULL COMMENT 'name, birth_date, sex, email, phone, address, company, language',
    value        VARCHAR   NOT NULL COMMENT 'personal: the value that survived',
    record_id    VARCHAR   NOT NULL COMMENT 'the record it comes from',
    source       VARCHAR   NOT NULL COMMENT 'the source of that record',
    trust        DOUBLE    NOT NULL COMMENT 'how far it is trusted, 0 to 1',
    is_stale     BOOLEAN   NOT NULL COMMENT 'true: the best there is, but nothing has confirmed it for long, or messages come back',
    confirmed_at TIMESTAMP          COMMENT 'when it was last confirmed',
    reason       VARCHAR   NOT NULL COMMENT 'why it won: only, agreed, trust, recency, tie',
    records      BIGINT    NOT NULL COMMENT 'how many records claim a value',
    agreeing     BIGINT    NOT NULL COMMENT 'how many of them the same',
    rivals       BIGINT    NOT NULL COMMENT 'how many other values are claimed, see profile.claims',
    PRIMARY KEY (customer_id, attribute)
);

CREATE TABLE profile.claims (
    customer_id  VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    attribute    VARCHAR   NOT NULL COMMENT 'the disputed attribute',
    record_id    VARCHAR   NOT NULL COMMENT 'the source record, as in clean.contacts and clean.identifiers',
    source       VARCHAR   NOT NULL COMMENT 'who claims it',
    value        VARCHAR   NOT NULL COMMENT 'personal: the value that did not survive',
    trust        DOUBLE             COMMENT 'how far it is trusted, 0 to 1',
    is_stale     BOOLEAN            COMMENT 'true: it is stale',
    confirmed_at TIMESTAMP          COMMENT 'when it was last confirmed',
    PRIMARY KEY (customer_id, attribute, record_id)
);

CREATE TABLE profile.consents (
    customer_id  VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    purpose      VARCHAR   NOT NULL COMMENT 'marketing, profiling, service, …',
    channel      VARCHAR   NOT NULL COMMENT 'email, sms, phone, post, …',
    granted      BOOLEAN   NOT NULL COMMENT 'true: the latest statement grants it, false: it withdraws it',
    effective_at TIMESTAMP NOT NULL COMMENT 'from when that holds',
    statement_id VARCHAR   NOT NULL COMMENT 'the statement that decides: a consent_id, or the message_id of an unsubscription',
    statements   BIGINT    NOT NULL COMMENT 'how many statements there are',
    PRIMARY KEY (customer_id, purpose, channel)
);

CREATE TABLE profile.orders (
    customer_id      VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    order_id         VARCHAR       NOT NULL COMMENT 'as in clean.orders',
    ordered_at       TIMESTAMP     NOT NULL COMMENT 'when it was ordered',
    source           VARCHAR       NOT NULL COMMENT 'which source says so',
    channel          VARCHAR                COMMENT 'web, store, phone, …',
    store            VARCHAR                COMMENT 'the shop or site',
    status           VARCHAR       NOT NULL COMMENT 'completed, returned, cancelled, open; whatever gives money back is returned',
    is_purchase      BOOLEAN       NOT NULL COMMENT 'true: it counts as an order; false: a return or a cancellation',
    amount           DECIMAL(18,2) NOT NULL COMMENT 'net of discount; negative for a return, nothing for a cancellation',
    discount         DECIMAL(18,2)          COMMENT 'discount granted, as a positive amount',
    currency         VARCHAR       NOT NULL COMMENT 'ISO 4217',
    returns_order_id VARCHAR                COMMENT 'for a return: the order that was returned',
    PRIMARY KEY (customer_id, order_id)
);

CREATE TABLE profile.purchases (
    customer_id    VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    product_id     VARCHAR       NOT NULL COMMENT 'the product, as in clean.products',
    lines          BIGINT        NOT NULL COMMENT 'lines of purchases with it, within $affinity_days before $as_of',
    quantity       DECIMAL(18,3)          COMMENT 'how many, all together; null: no line says',
    amount         DECIMAL(18,2)          COMMENT 'paid for them in the reporting currency; null: nothing was',
    last_bought_at TIMESTAMP     NOT NULL COMMENT 'when it was last bought',
    PRIMARY KEY (customer_id, product_id)
);

CREATE TABLE profile.favourites (
    customer_id VARCHAR NOT NULL COMMENT 'the customer: one person, the same from run to run',
    kind        VARCHAR NOT NULL COMMENT 'product, category, brand, store, channel',
    value       VARCHAR NOT NULL COMMENT 'what comes up most often; a product by its product_id',
    times       BIGINT  NOT NULL COMMENT 'how often: lines of purchases, for store and channel purchases',
    of_times    BIGINT  NOT NULL COMMENT 'of how many',
    share       DOUBLE  NOT NULL COMMENT 'the one divided by the other, 0 to 1',
    share_low   DOUBLE  NOT NULL COMMENT 'lower end of the 95 % interval of share (Wilson): small where purchases are few',
    PRIMARY KEY (customer_id, kind)
);

CREATE TABLE profile.loyalty (
    customer_id    VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    points         BIGINT    NOT NULL             COMMENT 'balance',
    points_earned  BIGINT    NOT NULL             COMMENT 'all points ever earned',
    points_spent   BIGINT    NOT NULL             COMMENT 'all points ever spent or lost, as a positive number',
    points_expired BIGINT    NOT NULL             COMMENT 'of these, expired, where the source gives the reason',
    tier           VARCHAR                        COMMENT 'tier after the last movement',
    first_moved_at TIMESTAMP NOT NULL             COMMENT 'first movement',
    last_moved_at  TIMESTAMP NOT NULL             COMMENT 'last movement: when the card was last in use',
    last_earned_at TIMESTAMP                      COMMENT 'when points were last earned',
    last_spent_at  TIMESTAMP                      COMMENT 'when points were last spent, expiry left out',
    is_active      BOOLEAN   NOT NULL             COMMENT 'true: a movement within $active_card_days'
);

CREATE TABLE profile.feedback (
    customer_id  VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    ticket_id    VARCHAR   NOT NULL COMMENT 'as in clean.tickets, where the text is',
    source       VARCHAR   NOT NULL COMMENT 'which source says so',
    opened_at    TIMESTAMP NOT NULL COMMENT 'when it was opened',
    closed_at    TIMESTAMP          COMMENT 'when it was closed; null: still open',
    is_open      BOOLEAN   NOT NULL COMMENT 'true: not closed before $as_of',
    is_complaint BOOLEAN   NOT NULL COMMENT 'true: the customer complains',
    topic        VARCHAR            COMMENT 'what it is about: delivery, return_refund, payment_invoice, product_quality, … as text_topic says it, or the source''s own word',
    topic_from   VARCHAR            COMMENT 'source: the source says so; text: read from the text',
    source_topic VARCHAR            COMMENT 'the topic in the words of the source',
    tone         DOUBLE             COMMENT 'how the text is meant, from -1 (bad) to 1 (good), by text_tone; null: it does not say',
    PRIMARY KEY (customer_id, ticket_id)
);

CREATE TABLE profile.service (
    customer_id          VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    tickets              BIGINT    NOT NULL             COMMENT 'support cases',
    open_tickets         BIGINT    NOT NULL             COMMENT 'of these, open',
    complaints           BIGINT    NOT NULL             COMMENT 'complaints',
    open_complaints      BIGINT    NOT NULL             COMMENT 'of these, open',
    complaint_open_since TIMESTAMP                      COMMENT 'when the oldest open complaint was opened',
    last_opened_at       TIMESTAMP NOT NULL             COMMENT 'when the last case was opened',
    last_closed_at       TIMESTAMP                      COMMENT 'when a case was last closed',
    mean_days_to_close   DOUBLE                         COMMENT 'whole days from opening to closing, mean of the closed cases',
    main_topic           VARCHAR                        COMMENT 'what most cases are about; of several the first in the alphabet',
    last_topic           VARCHAR                        COMMENT 'what the last case with a topic is about',
    negative_tickets     BIGINT    NOT NULL             COMMENT 'cases with a bad tone, -0.05 or less',
    mean_tone            DOUBLE                         COMMENT 'mean tone, from -1 (bad) to 1 (good); null: no text says anything',
    last_tone            DOUBLE                         COMMENT 'tone of the last text that says something',
    tone_trend           DOUBLE                         COMMENT 'last tone less the mean of those before; negative: it gets worse; null: fewer than two'
);

CREATE TABLE profile.habits (
    customer_id            VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    orders                 BIGINT        NOT NULL             COMMENT 'purchases in any currency',
    returns                BIGINT        NOT NULL             COMMENT 'returns in any currency',
    cancellations          BIGINT        NOT NULL             COMMENT 'cancellations in any currency',
    return_rate            DOUBLE                             COMMENT 'returns for each purchase; above 1 where orders come back in parts',
    returned_share         DOUBLE                             COMMENT 'amount returned, as a share of gross_amount',
    last_returned_at       TIMESTAMP                          COMMENT 'last return',
    discounted_orders      BIGINT        NOT NULL             COMMENT 'purchases with a discount',
    discounted_order_share DOUBLE                             COMMENT 'purchases with a discount, as a share of all purchases',
    discount_share         DOUBLE                             COMMENT 'discount_amount as a share of what the purchases would have cost without',
    gross_amount           DECIMAL(18,2) NOT NULL             COMMENT 'purchases alone, in the reporting currency',
    returned_amount        DECIMAL(18,2) NOT NULL             COMMENT 'returns alone, as a positive amount, in the reporting currency',
    discount_amount        DECIMAL(18,2) NOT NULL             COMMENT 'discounts granted, in the reporting currency',
    currency               VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    channels               BIGINT        NOT NULL             COMMENT 'channels with a purchase',
    is_multi_channel       BOOLEAN       NOT NULL             COMMENT 'true: bought by more than one channel'
);

CREATE TABLE profile.last_contacts (
    customer_id          VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    last_contact_at      TIMESTAMP                      COMMENT 'when the customer last did anything; null: nothing but messages to them',
    last_contact_kind    VARCHAR                        COMMENT 'what it was: order, visit, message (opened or clicked), ticket, loyalty',
    silent_days          BIGINT                         COMMENT 'whole days from then to $as_of',
    last_order_at        TIMESTAMP                      COMMENT 'last purchase',
    last_visit_at        TIMESTAMP                      COMMENT 'last event of the last visit to web site or app',
    last_message_read_at TIMESTAMP                      COMMENT 'when a message was last opened or clicked',
    last_ticket_at       TIMESTAMP                      COMMENT 'when a support case was last opened',
    last_loyalty_at      TIMESTAMP                      COMMENT 'last loyalty movement',
    last_message_sent_at TIMESTAMP                      COMMENT 'when a message was last sent to the customer'
);

CREATE TABLE profile.visitors (
    record_id           VARCHAR   NOT NULL COMMENT 'the device or account, as in clean.event_summaries',
    customer_id         VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    identified_first_at TIMESTAMP          COMMENT 'of a device: when the customer was first identified on it; null: theirs from the beginning',
    identified_last_at  TIMESTAMP          COMMENT 'of a device: when last; null: theirs for ever',
    PRIMARY KEY (record_id, customer_id)
);

CREATE TABLE profile.session_products (
    customer_id       VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    session_id        VARCHAR   NOT NULL COMMENT 'source and its own session; where it has none, the second in which it began, since 1970',
    product_id        VARCHAR   NOT NULL COMMENT 'the product, as in clean.products; empty for what was done without one',
    started_at        TIMESTAMP NOT NULL COMMENT 'first event with the product',
    ended_at          TIMESTAMP NOT NULL COMMENT 'last event with the product',
    events            BIGINT    NOT NULL COMMENT 'how many events',
    views             BIGINT    NOT NULL COMMENT 'of these, views',
    searches          BIGINT    NOT NULL COMMENT 'searches',
    carted            BIGINT    NOT NULL COMMENT 'times put in the cart',
    removed           BIGINT    NOT NULL COMMENT 'times taken out of the cart',
    checkouts         BIGINT    NOT NULL COMMENT 'checkouts',
    purchases         BIGINT    NOT NULL COMMENT 'purchases, by the events',
    last_viewed_at    TIMESTAMP          COMMENT 'last view',
    last_carted_at    TIMESTAMP          COMMENT 'when it was last put in the cart',
    last_removed_at   TIMESTAMP          COMMENT 'when it was last taken out',
    last_purchased_at TIMESTAMP          COMMENT 'when it was last bought, by the events',
    device            VARCHAR            COMMENT 'desktop, phone, tablet; of several the first by name',
    channel           VARCHAR            COMMENT 'how the person came: direct, search, email, ad, social, …',
    entry_page        VARCHAR            COMMENT 'first page or screen',
    PRIMARY KEY (customer_id, session_id, product_id)
);

CREATE TABLE profile.sessions (
    customer_id VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    session_id  VARCHAR   NOT NULL COMMENT 'source and its own session; where it has none, the second in which it began, since 1970',
    started_at  TIMESTAMP NOT NULL COMMENT 'first event',
    ended_at    TIMESTAMP NOT NULL COMMENT 'last event, before $as_of',
    minutes     BIGINT    NOT NULL COMMENT 'whole minutes from the first event to the last',
    events      BIGINT    NOT NULL COMMENT 'how many events',
    views       BIGINT    NOT NULL COMMENT 'of these, views',
    searches    BIGINT    NOT NULL COMMENT 'searches',
    carted      BIGINT    NOT NULL COMMENT 'times put in the cart',
    removed     BIGINT    NOT NULL COMMENT 'times taken out of the cart',
    checkouts   BIGINT    NOT NULL COMMENT 'checkouts',
    purchases   BIGINT    NOT NULL COMMENT 'purchases, by the events',
    products    BIGINT    NOT NULL COMMENT 'different products',
    device      VARCHAR            COMMENT 'desktop, phone, tablet; of several the first by name',
    channel     VARCHAR            COMMENT 'how the person came: direct, search, email, ad, social, …',
    entry_page  VARCHAR            COMMENT 'first page or screen',
    PRIMARY KEY (customer_id, session_id)
);

CREATE TABLE profile.interests (
    customer_id       VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    product_id        VARCHAR   NOT NULL COMMENT 'the product, as in clean.products',
    sessions          BIGINT    NOT NULL COMMENT 'in how many sessions',
    views             BIGINT    NOT NULL COMMENT 'how often viewed',
    carted            BIGINT    NOT NULL COMMENT 'how often put in the cart',
    purchases         BIGINT    NOT NULL COMMENT 'how often bought, by the events',
    first_seen_at     TIMESTAMP NOT NULL COMMENT 'first event about it',
    last_seen_at      TIMESTAMP NOT NULL COMMENT 'last event about it',
    last_viewed_at    TIMESTAMP          COMMENT 'last view',
    last_carted_at    TIMESTAMP          COMMENT 'when it was last put in the cart',
    last_removed_at   TIMESTAMP          COMMENT 'when it was last taken out',
    last_purchased_at TIMESTAMP          COMMENT 'when it was last bought, by the events',
    is_in_cart        BOOLEAN   NOT NULL COMMENT 'true: put in the cart, and since then neither taken out nor, by the events, bought',
    PRIMARY KEY (customer_id, product_id)
);

CREATE TABLE profile.tastes (
    customer_id        VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    products           BIGINT        NOT NULL             COMMENT 'different products viewed',
    views              BIGINT        NOT NULL             COMMENT 'views of products',
    favourite_category VARCHAR                            COMMENT 'the category viewed most',
    favourite_brand    VARCHAR                            COMMENT 'the brand viewed most',
    lowest_price       DECIMAL(18,4)                      COMMENT 'lowest list price of a product viewed, in the reporting currency',
    highest_price      DECIMAL(18,4)                      COMMENT 'highest list price of one'
);

CREATE TABLE profile.browsing (
    customer_id        VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    visits             BIGINT        NOT NULL             COMMENT 'sessions',
    days               BIGINT        NOT NULL             COMMENT 'days on which one began',
    minutes            BIGINT        NOT NULL             COMMENT 'minutes of all of them',
    events             BIGINT        NOT NULL             COMMENT 'events',
    searches           BIGINT        NOT NULL             COMMENT 'searches',
    first_visit_at     TIMESTAMP     NOT NULL             COMMENT 'when the first session began',
    last_visit_at      TIMESTAMP     NOT NULL             COMMENT 'when the last one began',
    channel_path       VARCHAR                            COMMENT 'by which channels the customer came lately, the last five in turn: search > email > direct',
    products           BIGINT        NOT NULL             COMMENT 'different products viewed',
    favourite_category VARCHAR                            COMMENT 'the category viewed most',
    favourite_brand    VARCHAR                            COMMENT 'the brand viewed most',
    lowest_price       DECIMAL(18,4)                      COMMENT 'lowest list price of a product viewed, in the reporting currency',
    highest_price      DECIMAL(18,4)                      COMMENT 'highest list price of one',
    currency           VARCHAR                            COMMENT 'the reporting currency, ISO 4217; null: no price is known in it'
);

CREATE TABLE profile.abandoned_carts (
    customer_id VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    product_id  VARCHAR       NOT NULL COMMENT 'the product, as in clean.products',
    carted_at   TIMESTAMP     NOT NULL COMMENT 'when it was last put in the cart',
    days_ago    BIGINT        NOT NULL COMMENT 'whole days from then to $as_of',
    name        VARCHAR                COMMENT 'what it is called',
    category    VARCHAR                COMMENT 'the group it is sold in',
    brand       VARCHAR                COMMENT 'brand',
    list_price  DECIMAL(18,4)          COMMENT 'list price of one',
    currency    VARCHAR                COMMENT 'ISO 4217',
    PRIMARY KEY (customer_id, product_id)
);

CREATE TABLE profile.abandoned_views (
    customer_id    VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    product_id     VARCHAR       NOT NULL COMMENT 'the product, as in clean.products',
    views          BIGINT        NOT NULL COMMENT 'how often viewed',
    sessions       BIGINT        NOT NULL COMMENT 'in how many sessions',
    last_viewed_at TIMESTAMP     NOT NULL COMMENT 'when last',
    days_ago       BIGINT        NOT NULL COMMENT 'whole days from then to $as_of',
    name           VARCHAR                COMMENT 'what it is called',
    category       VARCHAR                COMMENT 'the group it is sold in',
    brand          VARCHAR                COMMENT 'brand',
    list_price     DECIMAL(18,4)          COMMENT 'list price of one',
    currency       VARCHAR                COMMENT 'ISO 4217',
    PRIMARY KEY (customer_id, product_id)
);

CREATE TABLE profile.touches (
    customer_id VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    touch_id    VARCHAR   NOT NULL COMMENT 'the message, as in clean.messages, or the word session and the session',
    kind        VARCHAR   NOT NULL COMMENT 'click, open, visit',
    touched_at  TIMESTAMP NOT NULL COMMENT 'when',
    channel     VARCHAR   NOT NULL COMMENT 'email, sms, …; of a visit search, ad, social, …',
    campaign    VARCHAR            COMMENT 'campaign of the message',
    PRIMARY KEY (customer_id, touch_id)
);

CREATE TABLE profile.order_touches (
    order_id    VARCHAR       NOT NULL COMMENT 'the purchase, as in profile.orders',
    touch_id    VARCHAR       NOT NULL COMMENT 'the touch, as in profile.touches',
    customer_id VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    ordered_at  TIMESTAMP     NOT NULL COMMENT 'when it was ordered',
    touched_at  TIMESTAMP     NOT NULL COMMENT 'when the touch was, before the order',
    kind        VARCHAR       NOT NULL COMMENT 'click, open, visit',
    channel     VARCHAR       NOT NULL COMMENT 'channel of the touch',
    campaign    VARCHAR                COMMENT 'campaign of the message',
    share       BIGINT        NOT NULL COMMENT 'weight where later touches count for more, 1 to 10000',
    amount      DECIMAL(18,2) NOT NULL COMMENT 'amount of the order',
    currency    VARCHAR       NOT NULL COMMENT 'ISO 4217',
    PRIMARY KEY (order_id, touch_id)
);

CREATE TABLE profile.contact_channels (
    customer_id  VARCHAR   NOT NULL COMMENT 'the customer: one person, the same from run to run',
    channel      VARCHAR   NOT NULL COMMENT 'email, sms, push, post',
    messages     BIGINT    NOT NULL COMMENT 'messages sent',
    answers      BIGINT    NOT NULL COMMENT 'of these, opened or clicked',
    clicks       BIGINT    NOT NULL COMMENT 'of these, clicked',
    last_sent_at TIMESTAMP NOT NULL COMMENT 'when the last one was sent',
    PRIMARY KEY (customer_id, channel)
);

CREATE TABLE profile.active_hours (
    customer_id VARCHAR NOT NULL COMMENT 'the customer: one person, the same from run to run',
    hour        BIGINT  NOT NULL COMMENT 'hour of the day in UTC, 0 to 23',
    opens       BIGINT  NOT NULL COMMENT 'messages opened in it',
    clicks      BIGINT  NOT NULL COMMENT 'messages clicked',
    purchases   BIGINT  NOT NULL COMMENT 'purchases',
    PRIMARY KEY (customer_id, hour)
);

CREATE TABLE profile.contact_times (
    customer_id    VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    channel        VARCHAR                      COMMENT 'the channel with the best chance of those that reach the customer and were not refused, agreed ones first; null: none',
    channel_chance DOUBLE                       COMMENT 'expected share of messages by it that are opened or clicked, 0 to 1; null: none was ever sent',
    is_agreed      BOOLEAN NOT NULL             COMMENT 'true: the customer consents to marketing by it; false: never asked, or no channel',
    messages       BIGINT  NOT NULL             COMMENT 'on how many messages to the customer by it that rests',
    hour           BIGINT                       COMMENT 'the hour of the day in UTC with the best chance, 0 to 23; null: nobody has done anything',
    hour_chance    DOUBLE                       COMMENT 'expected share of what the customer does that falls in it, 0 to 1',
    actions        BIGINT  NOT NULL             COMMENT 'on how many openings, clicks and purchases of the customer that rests'
);

CREATE TABLE profile.timeline (
    customer_id VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    happened_at TIMESTAMP     NOT NULL COMMENT 'when',
    kind        VARCHAR       NOT NULL COMMENT 'order, return, cancellation, message, ticket, complaint, consent, loyalty, visit',
    id          VARCHAR       NOT NULL COMMENT 'key of what happened, in its own table; for a visit the session',
    title       VARCHAR                COMMENT 'what happened, in a few words',
    amount      DECIMAL(18,2)          COMMENT 'amount of an order or return',
    currency    VARCHAR                COMMENT 'ISO 4217',
    PRIMARY KEY (customer_id, happened_at, kind, id)
);

CREATE TABLE profile.account_members (
    customer_id VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    account_id  VARCHAR NOT NULL             COMMENT 'the company that the person acts for, as in clean.accounts',
    joined_by   VARCHAR NOT NULL             COMMENT 'account_id: a contact record names the account; domain: by the company''s e-mail domain'
);

CREATE TABLE profile.account_contacts (
    customer_id     VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    account_id      VARCHAR NOT NULL             COMMENT 'the company that the person acts for, as in clean.accounts',
    joined_by       VARCHAR NOT NULL             COMMENT 'account_id: a contact record names the account; domain: by the company''s e-mail domain',
    orders          BIGINT  NOT NULL             COMMENT 'purchases in any currency',
    answers         BIGINT  NOT NULL             COMMENT 'messages opened or clicked',
    is_main_contact BOOLEAN NOT NULL             COMMENT 'true: of the account''s contacts the one who buys most, then answers most'
);

CREATE TABLE profile.account_orders (
    account_id    VARCHAR       NOT NULL COMMENT 'the company, as in clean.accounts',
    order_id      VARCHAR       NOT NULL COMMENT 'as in clean.orders',
    customer_id   VARCHAR       NOT NULL COMMENT 'the contact who ordered',
    ordered_at    TIMESTAMP     NOT NULL COMMENT 'when it was ordered',
    status        VARCHAR       NOT NULL COMMENT 'completed, returned, cancelled, open; as in profile.orders',
    is_purchase   BOOLEAN       NOT NULL COMMENT 'true: it counts as an order; false: a return or a cancellation',
    amount        DECIMAL(18,2) NOT NULL COMMENT 'net of discount; negative for a return, nothing for a cancellation',
    currency      VARCHAR       NOT NULL COMMENT 'ISO 4217',
    lines         BIGINT        NOT NULL COMMENT 'lines of clean.order_lines',
    costed_lines  BIGINT        NOT NULL COMMENT 'of these, lines of products whose cost is known in the currency of the order',
    costed_amount DECIMAL(18,2) NOT NULL COMMENT 'what the customer pays for these lines',
    cost          DECIMAL(18,2) NOT NULL COMMENT 'what they cost us',
    PRIMARY KEY (account_id, order_id)
);

CREATE TABLE profile.accounts (
    account_id      VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the company, as in clean.accounts',
    source          VARCHAR       NOT NULL             COMMENT 'which source says so',
    name            VARCHAR                            COMMENT 'company name',
    domain          VARCHAR                            COMMENT 'e-mail and web domain, lower case',
    industry        VARCHAR                            COMMENT 'line of business',
    size            VARCHAR                            COMMENT 'number of employees, as a band such as 50-249',
    owner           VARCHAR                            COMMENT 'who looks after it on our side',
    buying_group    VARCHAR       NOT NULL             COMMENT 'the first account of the companies that buy together: one head, or one domain',
    group_accounts  BIGINT        NOT NULL             COMMENT 'how many accounts the group has, this one included',
    contacts        BIGINT        NOT NULL             COMMENT 'customers who act for it, see profile.account_contacts',
    main_contact_id VARCHAR                            COMMENT 'the customer who buys most for it, then answers most',
    orders          BIGINT        NOT NULL             COMMENT 'purchases in any currency',
    first_order_at  TIMESTAMP                          COMMENT 'first purchase',
    last_order_at   TIMESTAMP                          COMMENT 'last purchase before $as_of',
    currency        VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    revenue         DECIMAL(18,2) NOT NULL             COMMENT 'net spend in it, returns netted by $returns_policy',
    cost            DECIMAL(18,2)                      COMMENT 'what the lines of known cost cost us; null: no cost is known',
    margin          DECIMAL(18,2)                      COMMENT 'what the customer pays for these lines, less their cost',
    costed_share    DOUBLE                             COMMENT 'share of lines whose cost is known, 0 to 1; null: no lines',
    renews_on       DATE                               COMMENT 'when the contract renews',
    days_to_renewal BIGINT                             COMMENT 'days from $as_of to that; negative: it has passed'
);

-- ── rfm: recency, frequency, monetary, and where each customer stands ────────────────────────────────────────────

CREATE TABLE rfm.history (
    customer_id       VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    currency          VARCHAR       NOT NULL COMMENT 'ISO 4217; amounts are in it',
    first_order_at    TIMESTAMP              COMMENT 'first purchase',
    last_order_at     TIMESTAMP              COMMENT 'last purchase before $as_of',
    recency_days      BIGINT                 COMMENT 'whole days from the last purchase to $as_of',
    frequency         BIGINT        NOT NULL COMMENT 'number of purchases',
    monetary          DECIMAL(18,2) NOT NULL COMMENT 'net spend, returns netted by $returns_policy',
    gross_amount      DECIMAL(18,2) NOT NULL COMMENT 'purchases alone',
    returned_amount   DECIMAL(18,2) NOT NULL COMMENT 'returns alone, as a positive amount',
    returns           BIGINT        NOT NULL COMMENT 'number of returns',
    cancellations     BIGINT        NOT NULL COMMENT 'number of cancellations',
    discount_amount   DECIMAL(18,2) NOT NULL COMMENT 'discounts granted',
    discounted_orders BIGINT        NOT NULL COMMENT 'purchases with a discount',
    is_multi_channel  BOOLEAN       NOT NULL COMMENT 'true: bought by more than one channel',
    PRIMARY KEY (customer_id, currency)
);

CREATE TABLE rfm.rhythm (
    customer_id     VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    days            BIGINT  NOT NULL             COMMENT 'days with a purchase',
    median_gap_days DOUBLE  NOT NULL             COMMENT 'median number of days between them'
);

CREATE TABLE rfm.labels (
    recency_score   BIGINT  NOT NULL COMMENT '1 to 5',
    frequency_score BIGINT  NOT NULL COMMENT '1 to 5',
    label           VARCHAR NOT NULL COMMENT 'the label of the pair',
    PRIMARY KEY (recency_score, frequency_score)
);

CREATE TABLE rfm.scores (
    customer_id     VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    recency_days    BIGINT        NOT NULL             COMMENT 'whole days from the last purchase, in any currency, to $as_of',
    frequency       BIGINT        NOT NULL             COMMENT 'number of purchases in any currency',
    monetary        DECIMAL(18,2) NOT NULL             COMMENT 'net spend in the reporting currency alone',
    currency        VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    recency_score   BIGINT        NOT NULL             COMMENT '1 to 5, 5: bought most recently',
    frequency_score BIGINT        NOT NULL             COMMENT '1 to 5, 5: buys most often',
    monetary_score  BIGINT        NOT NULL             COMMENT '1 to 5, 5: spends most',
    rfm_score       BIGINT        NOT NULL             COMMENT 'the three as one number, such as 545',
    label           VARCHAR       NOT NULL             COMMENT 'champion, loyal, potential_loyalist, new_customer, promising, need_attention, about_to_sleep, at_risk, cant_lose, hibernating'
);

CREATE TABLE rfm.lifecycle (
    customer_id        VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    orders             BIGINT    NOT NULL             COMMENT 'purchases in any currency',
    first_order_at     TIMESTAMP                      COMMENT 'first purchase',
    last_order_at      TIMESTAMP                      COMMENT 'last purchase before $as_of',
    recency_days       BIGINT                         COMMENT 'whole days from the last purchase to $as_of',
    median_gap_days    DOUBLE                         COMMENT 'the own rhythm; null: fewer than three days with a purchase',
    at_risk_after_days DOUBLE    NOT NULL             COMMENT 'from then on this customer is at risk',
    lapsed_after_days  DOUBLE    NOT NULL             COMMENT 'from then on lapsed',
    churned_after_days DOUBLE    NOT NULL             COMMENT 'from then on churned',
    lifecycle          VARCHAR   NOT NULL             COMMENT 'prospect, new, active, at_risk, lapsed, churned'
);

CREATE TABLE rfm.buyers (
    customer_id        VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    currency           VARCHAR NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    repeat_days        BIGINT  NOT NULL             COMMENT 'days with a purchase after the first one: x, the frequency of the models',
    first_to_last_days BIGINT  NOT NULL             COMMENT 'days from the first to the last of them: t_x, the recency of the models',
    age_days           BIGINT  NOT NULL             COMMENT 'days from the first to the last that counts, the one before $as_of: T, the age of the models',
    mean_spend         DOUBLE                       COMMENT 'mean spend of a repeat day, less returns by $returns_policy; null: bought on one day'
);

CREATE TABLE rfm.value_models (
    model          VARCHAR NOT NULL COMMENT 'mbg_nbd: when customers buy and until when, by days; gamma_gamma: how much they spend',
    currency       VARCHAR NOT NULL COMMENT 'the reporting currency, ISO 4217',
    r              DOUBLE           COMMENT 'mbg_nbd: shape of the purchase rates, small where customers differ much',
    alpha          DOUBLE           COMMENT 'mbg_nbd: rate parameter of the purchase rates, in days',
    a              DOUBLE           COMMENT 'mbg_nbd: first parameter of the probability to leave; 0: nobody leaves',
    b              DOUBLE           COMMENT 'mbg_nbd: second parameter of the probability to leave, whose mean is a / (a + b)',
    p              DOUBLE           COMMENT 'gamma_gamma: shape of the amounts of one customer',
    q              DOUBLE           COMMENT 'gamma_gamma: shape of the customers'' rates',
    v              DOUBLE           COMMENT 'gamma_gamma: rate parameter of the customers'' rates, in money',
    log_likelihood DOUBLE           COMMENT 'of these parameters; null: nothing to learn from',
    n              BIGINT  NOT NULL COMMENT 'customers that the model has learnt from',
    converged      BOOLEAN NOT NULL COMMENT 'true: the search ended at a maximum',
    identified     BOOLEAN NOT NULL COMMENT 'true: the customers determine the parameters',
    warning        VARCHAR          COMMENT 'what to know before using predictions',
    PRIMARY KEY (model, currency)
);

CREATE TABLE rfm.predictions (
    customer_id                                    VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    currency                                       VARCHAR NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    p_alive                                        DOUBLE                       COMMENT 'probability to be a customer still, 0 to 1; null: customers do not show when they leave, see rfm.value_models',
    predicted_probability_of_transaction_next_365d DOUBLE                       COMMENT 'probability to buy at all within 365 days, 0 to 1',
    predicted_order_frequency_next_365d            DOUBLE                       COMMENT 'expected number of days with a purchase within 365 days',
    predicted_average_order_revenue_next_365d      DECIMAL(18,2)                COMMENT 'expected spend of a day with a purchase',
    predicted_clv_next_365d                        DECIMAL(18,2)                COMMENT 'expected spend within 365 days, discounted at $clv_annual_rate',
    predicted_customer_lifecycle_status            VARCHAR                      COMMENT 'new, active (p_alive from 0.75), at_risk (0.5), lapsed (0.25), churned; by the own rhythm where p_alive is null',
    predicted_customer_lifetime_value_tier         VARCHAR                      COMMENT 'by predicted_clv_next_365d: platinum (first 1 %), gold (to 5 %), silver (10 %), bronze (25 %), medium (50 %), low',
    predicted_clv                                  DECIMAL(18,2)                COMMENT 'expected spend within $clv_horizon_days, discounted at $clv_annual_rate'
);

CREATE TABLE rfm.attributions (
    order_id        VARCHAR       NOT NULL COMMENT 'the purchase, as in profile.orders',
    touch_id        VARCHAR       NOT NULL COMMENT 'the touch, as in profile.touches',
    customer_id     VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    ordered_at      TIMESTAMP     NOT NULL COMMENT 'when it was ordered',
    touched_at      TIMESTAMP     NOT NULL COMMENT 'when the touch was, before the order',
    kind            VARCHAR       NOT NULL COMMENT 'click, open, visit',
    channel         VARCHAR       NOT NULL COMMENT 'channel of the touch',
    campaign        VARCHAR                COMMENT 'campaign of the message',
    place           BIGINT        NOT NULL COMMENT 'the how manieth touch before the order, from 1',
    touches         BIGINT        NOT NULL COMMENT 'how many there are',
    first_weight    DECIMAL(18,6) NOT NULL COMMENT 'part of the order, 0 to 1: the first touch alone',
    last_weight     DECIMAL(18,6) NOT NULL COMMENT 'part of the order, 0 to 1: the last touch alone',
    linear_weight   DECIMAL(18,6) NOT NULL COMMENT 'part of the order, 0 to 1: all touches alike',
    position_weight DECIMAL(18,6) NOT NULL COMMENT 'part of the order, 0 to 1: the first and the last 40 % each, the others the rest',
    decay_weight    DECIMAL(18,6) NOT NULL COMMENT 'part of the order, 0 to 1: the later the more',
    first_amount    DECIMAL(18,2) NOT NULL COMMENT 'part of its amount: the first touch alone',
    last_amount     DECIMAL(18,2) NOT NULL COMMENT 'part of its amount: the last touch alone',
    linear_amount   DECIMAL(18,2) NOT NULL COMMENT 'part of its amount: all touches alike',
    position_amount DECIMAL(18,2) NOT NULL COMMENT 'part of its amount: the first and the last 40 % each, the others the rest',
    decay_amount    DECIMAL(18,2) NOT NULL COMMENT 'part of its amount: the later the more',
    currency        VARCHAR       NOT NULL COMMENT 'ISO 4217',
    PRIMARY KEY (order_id, touch_id)
);

CREATE TABLE rfm.campaigns (
    channel         VARCHAR       NOT NULL COMMENT 'channel of the touches',
    campaign        VARCHAR       NOT NULL COMMENT 'campaign of the messages; empty for visits and messages without one',
    currency        VARCHAR       NOT NULL COMMENT 'ISO 4217; amounts are in it',
    touches         BIGINT        NOT NULL COMMENT 'touches with a part in an order',
    first_orders    DECIMAL(18,6) NOT NULL COMMENT 'orders owed to it: the first touch alone',
    first_amount    DECIMAL(18,2) NOT NULL COMMENT 'their amounts: the first touch alone',
    last_orders     DECIMAL(18,6) NOT NULL COMMENT 'orders owed to it: the last touch alone',
    last_amount     DECIMAL(18,2) NOT NULL COMMENT 'their amounts: the last touch alone',
    linear_orders   DECIMAL(18,6) NOT NULL COMMENT 'orders owed to it: all touches alike',
    linear_amount   DECIMAL(18,2) NOT NULL COMMENT 'their amounts: all touches alike',
    position_orders DECIMAL(18,6) NOT NULL COMMENT 'orders owed to it: the first and the last 40 % each, the others the rest',
    position_amount DECIMAL(18,2) NOT NULL COMMENT 'their amounts: the first and the last 40 % each, the others the rest',
    decay_orders    DECIMAL(18,6) NOT NULL COMMENT 'orders owed to it: the later the more',
    decay_amount    DECIMAL(18,2) NOT NULL COMMENT 'their amounts: the later the more',
    PRIMARY KEY (channel, campaign, currency)
);

CREATE TABLE rfm.measures (
    population   VARCHAR       NOT NULL COMMENT 'now, then, frozen, channel, currency: customers; account: companies',
    part         VARCHAR       NOT NULL COMMENT 'the channel or currency; empty in other populations',
    id           VARCHAR       NOT NULL COMMENT 'customer_id, or account_id in the population account',
    currency     VARCHAR       NOT NULL COMMENT 'ISO 4217; the spend is in it',
    recency_days BIGINT        NOT NULL COMMENT 'whole days from the last purchase to the date of the population',
    frequency    BIGINT        NOT NULL COMMENT 'number of purchases',
    monetary     DECIMAL(18,2) NOT NULL COMMENT 'net spend, above zero',
    PRIMARY KEY (population, part, id)
);

CREATE TABLE rfm.thresholds (
    population VARCHAR       NOT NULL COMMENT 'as in rfm.measures; frozen: used for now and then',
    part       VARCHAR       NOT NULL COMMENT 'the channel or currency; empty in other populations',
    measure    VARCHAR       NOT NULL COMMENT 'recency (days), frequency (purchases), monetary (money)',
    score      BIGINT        NOT NULL COMMENT '1 to 5, 5 being best',
    above      DECIMAL(18,2)          COMMENT 'values with this score are more than this; null: from the lowest',
    up_to      DECIMAL(18,2)          COMMENT 'and at most this; null: to the highest',
    members    BIGINT                 COMMENT 'how many of the population the threshold was cut by are within',
    PRIMARY KEY (population, part, measure, score)
);

CREATE TABLE rfm.standings (
    population      VARCHAR       NOT NULL COMMENT 'now, then, channel, currency: customers; account: companies',
    part            VARCHAR       NOT NULL COMMENT 'the channel or currency; empty in other populations',
    id              VARCHAR       NOT NULL COMMENT 'customer_id, or account_id in the population account',
    currency        VARCHAR       NOT NULL COMMENT 'ISO 4217; the spend is in it',
    recency_days    BIGINT        NOT NULL COMMENT 'whole days from the last purchase to the date of the population',
    frequency       BIGINT        NOT NULL COMMENT 'number of purchases',
    monetary        DECIMAL(18,2) NOT NULL COMMENT 'net spend',
    recency_score   BIGINT        NOT NULL COMMENT '1 to 5, 5: bought most recently',
    frequency_score BIGINT        NOT NULL COMMENT '1 to 5, 5: buys most often',
    monetary_score  BIGINT        NOT NULL COMMENT '1 to 5, 5: spends most',
    rfm_score       BIGINT        NOT NULL COMMENT 'the three as one number, such as 545',
    label           VARCHAR       NOT NULL COMMENT 'the label of the scores, by rfm.labels',
    PRIMARY KEY (population, part, id)
);

CREATE TABLE rfm.channel_scores (
    customer_id     VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    channel         VARCHAR       NOT NULL COMMENT 'web, store, phone, …; unknown where the source does not say',
    recency_days    BIGINT        NOT NULL COMMENT 'whole days from the last purchase through the channel to $as_of',
    frequency       BIGINT        NOT NULL COMMENT 'number of purchases through it, in any currency',
    monetary        DECIMAL(18,2) NOT NULL COMMENT 'net spend through it in the reporting currency alone',
    currency        VARCHAR       NOT NULL COMMENT 'the reporting currency, ISO 4217',
    recency_score   BIGINT        NOT NULL COMMENT '1 to 5 among the channel''s customers, 5: bought most recently',
    frequency_score BIGINT        NOT NULL COMMENT '1 to 5, 5: buys most often',
    monetary_score  BIGINT        NOT NULL COMMENT '1 to 5, 5: spends most',
    rfm_score       BIGINT        NOT NULL COMMENT 'the three as one number, such as 545',
    label           VARCHAR       NOT NULL COMMENT 'the label of the scores, by rfm.labels',
    PRIMARY KEY (customer_id, channel)
);

CREATE TABLE rfm.currency_scores (
    customer_id     VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    currency        VARCHAR       NOT NULL COMMENT 'ISO 4217; all figures are of purchases in it',
    recency_days    BIGINT        NOT NULL COMMENT 'whole days from the last purchase in it to $as_of',
    frequency       BIGINT        NOT NULL COMMENT 'number of purchases in it',
    monetary        DECIMAL(18,2) NOT NULL COMMENT 'net spend in it',
    recency_score   BIGINT        NOT NULL COMMENT '1 to 5 among those who pay in it, 5: bought most recently',
    frequency_score BIGINT        NOT NULL COMMENT '1 to 5, 5: buys most often',
    monetary_score  BIGINT        NOT NULL COMMENT '1 to 5, 5: spends most',
    rfm_score       BIGINT        NOT NULL COMMENT 'the three as one number, such as 545',
    label           VARCHAR       NOT NULL COMMENT 'the label of the scores, by rfm.labels',
    PRIMARY KEY (customer_id, currency)
);

CREATE TABLE rfm.popular_rules (
    priority     BIGINT  NOT NULL PRIMARY KEY COMMENT 'the order of the rules: the first that matches gives the label',
    label        VARCHAR NOT NULL             COMMENT 'the label',
    recency_from BIGINT  NOT NULL             COMMENT 'lowest recency score that matches',
    recency_to   BIGINT  NOT NULL             COMMENT 'highest recency score that matches',
    value_from   BIGINT  NOT NULL             COMMENT 'lowest mean of frequency and monetary score that matches',
    value_to     BIGINT  NOT NULL             COMMENT 'highest mean of the two that matches'
);

CREATE TABLE rfm.label_sets (
    recency_score   BIGINT  NOT NULL COMMENT '1 to 5',
    frequency_score BIGINT  NOT NULL COMMENT '1 to 5',
    monetary_score  BIGINT  NOT NULL COMMENT '1 to 5',
    label           VARCHAR NOT NULL COMMENT 'the label of recency and frequency score, by rfm.labels',
    shopify_group   VARCHAR NOT NULL COMMENT 'Shopify''s CustomerRfmGroup: ACTIVE, ALMOST_LOST, AT_RISK, CHAMPIONS, DORMANT, LOYAL, NEEDS_ATTENTION, NEW, PREVIOUSLY_LOYAL, PROMISING',
    popular_label   VARCHAR NOT NULL COMMENT 'the popular grid''s label, by rfm.popular_rules',
    PRIMARY KEY (recency_score, frequency_score, monetary_score)
);

CREATE TABLE rfm.groups (
    customer_id   VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    rfm_score     BIGINT                       COMMENT 'as in rfm.scores; null: a prospect',
    label         VARCHAR NOT NULL             COMMENT 'as in rfm.scores, or prospect',
    shopify_group VARCHAR NOT NULL             COMMENT 'Shopify''s CustomerRfmGroup, PROSPECTS included',
    popular_label VARCHAR NOT NULL             COMMENT 'the popular grid''s label, or prospect'
);

CREATE TABLE rfm.moves (
    customer_id    VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    from_label     VARCHAR       NOT NULL             COMMENT 'the label $migration_days before $as_of; none: no net spend by then',
    to_label       VARCHAR       NOT NULL             COMMENT 'the label on $as_of; none: no net spend any more',
    direction      VARCHAR       NOT NULL             COMMENT 'new, gone, same, up, down, sideways',
    from_rfm_score BIGINT                             COMMENT 'the scores then; null: none',
    to_rfm_score   BIGINT                             COMMENT 'the scores on $as_of; null: none',
    from_monetary  DECIMAL(18,2) NOT NULL             COMMENT 'net spend until then',
    to_monetary    DECIMAL(18,2) NOT NULL             COMMENT 'net spend until $as_of',
    currency       VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217'
);

CREATE TABLE rfm.migration (
    from_label    VARCHAR       NOT NULL COMMENT 'the label $migration_days before $as_of; none: no net spend by then',
    to_label      VARCHAR       NOT NULL COMMENT 'the label on $as_of; none: no net spend any more',
    customers     BIGINT        NOT NULL COMMENT 'how many went from the one to the other',
    from_monetary DECIMAL(18,2) NOT NULL COMMENT 'their net spend until then',
    to_monetary   DECIMAL(18,2) NOT NULL COMMENT 'their net spend until $as_of',
    spent_between DECIMAL(18,2) NOT NULL COMMENT 'the difference',
    currency      VARCHAR       NOT NULL COMMENT 'the reporting currency, ISO 4217',
    PRIMARY KEY (from_label, to_label)
);

CREATE TABLE rfm.account_scores (
    account_id      VARCHAR       NOT NULL PRIMARY KEY COMMENT 'the company, as in clean.accounts',
    recency_days    BIGINT        NOT NULL             COMMENT 'whole days from the last purchase of any contact to $as_of',
    frequency       BIGINT        NOT NULL             COMMENT 'number of purchases in any currency',
    monetary        DECIMAL(18,2) NOT NULL             COMMENT 'net spend in the reporting currency alone',
    currency        VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    recency_score   BIGINT        NOT NULL             COMMENT '1 to 5 among accounts, 5: bought most recently',
    frequency_score BIGINT        NOT NULL             COMMENT '1 to 5, 5: buys most often',
    monetary_score  BIGINT        NOT NULL             COMMENT '1 to 5, 5: spends most',
    rfm_score       BIGINT        NOT NULL             COMMENT 'the three as one number, such as 545',
    label           VARCHAR       NOT NULL             COMMENT 'the label of the scores, by rfm.labels'
);

CREATE TABLE rfm.account_lifecycle (
    account_id         VARCHAR   NOT NULL PRIMARY KEY COMMENT 'the company, as in clean.accounts',
    orders             BIGINT    NOT NULL             COMMENT 'purchases in any currency',
    first_order_at     TIMESTAMP                      COMMENT 'first purchase',
    last_order_at      TIMESTAMP                      COMMENT 'last purchase before $as_of',
    recency_days       BIGINT                         COMMENT 'whole days from the last purchase to $as_of',
    median_gap_days    DOUBLE                         COMMENT 'the own rhythm; null: fewer than three days with a purchase',
    at_risk_after_days DOUBLE    NOT NULL             COMMENT 'from then on this company is at risk',
    lapsed_after_days  DOUBLE    NOT NULL             COMMENT 'from then on lapsed',
    churned_after_days DOUBLE    NOT NULL             COMMENT 'from then on churned',
    lifecycle          VARCHAR   NOT NULL             COMMENT 'prospect, new, active, at_risk, lapsed, churned'
);

CREATE TABLE rfm.account_buyers (
    account_id         VARCHAR NOT NULL PRIMARY KEY COMMENT 'the company, as in clean.accounts',
    currency           VARCHAR NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    repeat_days        BIGINT  NOT NULL             COMMENT 'days with a purchase after the first one: x, the frequency of the models',
    first_to_last_days BIGINT  NOT NULL             COMMENT 'days from the first to the last of them: t_x, the recency of the models',
    age_days           BIGINT  NOT NULL             COMMENT 'days from the first to the last that counts, the one before $as_of: T, the age of the models',
    mean_spend         DOUBLE                       COMMENT 'mean spend of a repeat day, less returns by $returns_policy; null: bought on one day'
);

CREATE TABLE rfm.account_models (
    model          VARCHAR NOT NULL COMMENT 'mbg_nbd: when accounts buy and until when, by days; gamma_gamma: how much they spend',
    currency       VARCHAR NOT NULL COMMENT 'the reporting currency, ISO 4217',
    learnt_from    VARCHAR NOT NULL COMMENT 'accounts; customers: there are fewer accounts than $account_model_min',
    r              DOUBLE           COMMENT 'as in rfm.value_models',
    alpha          DOUBLE           COMMENT 'as in rfm.value_models',
    a              DOUBLE           COMMENT 'as in rfm.value_models',
    b              DOUBLE           COMMENT 'as in rfm.value_models',
    p              DOUBLE           COMMENT 'as in rfm.value_models',
    q              DOUBLE           COMMENT 'as in rfm.value_models',
    v              DOUBLE           COMMENT 'as in rfm.value_models',
    log_likelihood DOUBLE           COMMENT 'of these parameters; null: nothing to learn from',
    n              BIGINT  NOT NULL COMMENT 'accounts or customers that the model has learnt from',
    converged      BOOLEAN NOT NULL COMMENT 'true: the search ended at a maximum',
    identified     BOOLEAN NOT NULL COMMENT 'true: they determine the parameters',
    warning        VARCHAR          COMMENT 'what to know before using predictions',
    PRIMARY KEY (model, currency)
);

CREATE TABLE rfm.account_predictions (
    account_id                                     VARCHAR NOT NULL PRIMARY KEY COMMENT 'the company, as in clean.accounts',
    currency                                       VARCHAR NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    learnt_from                                    VARCHAR NOT NULL             COMMENT 'accounts; customers: there are too few accounts to learn from',
    p_alive                                        DOUBLE                       COMMENT 'probability to be a customer still, 0 to 1; null: nobody shows when they leave',
    predicted_probability_of_transaction_next_365d DOUBLE                       COMMENT 'probability to buy at all within 365 days, 0 to 1',
    predicted_order_frequency_next_365d            DOUBLE                       COMMENT 'expected number of days with a purchase within 365 days',
    predicted_average_order_revenue_next_365d      DECIMAL(18,2)                COMMENT 'expected spend of a day with a purchase',
    predicted_clv_next_365d                        DECIMAL(18,2)                COMMENT 'expected spend within 365 days, discounted at $clv_annual_rate',
    predicted_clv                                  DECIMAL(18,2)                COMMENT 'expected spend within $clv_horizon_days, discounted at $clv_annual_rate'
);

CREATE TABLE rfm.product_pairs (
    product_id       VARCHAR NOT NULL COMMENT 'who buys this product …',
    other_product_id VARCHAR NOT NULL COMMENT '… buys this one too',
    orders           BIGINT  NOT NULL COMMENT 'purchases with both, within $affinity_days before $as_of',
    product_orders   BIGINT  NOT NULL COMMENT 'purchases with the product',
    other_orders     BIGINT  NOT NULL COMMENT 'purchases with the other one',
    purchases        BIGINT  NOT NULL COMMENT 'all purchases, but for those of more than $pair_products_max products',
    support          DOUBLE  NOT NULL COMMENT 'orders / purchases',
    confidence       DOUBLE  NOT NULL COMMENT 'orders / product_orders',
    confidence_low   DOUBLE  NOT NULL COMMENT 'lower end of the 95 % interval of confidence (Wilson): what to rank by',
    lift             DOUBLE  NOT NULL COMMENT 'confidence / (other_orders / purchases); 1: nothing to do with each other',
    PRIMARY KEY (product_id, other_product_id)
);

CREATE TABLE rfm.next_products (
    customer_id        VARCHAR NOT NULL COMMENT 'the customer: one person, the same from run to run',
    place              BIGINT  NOT NULL COMMENT '1: the best',
    product_id         VARCHAR NOT NULL COMMENT 'what may be bought next; not bought within $affinity_days',
    because_product_id VARCHAR NOT NULL COMMENT 'the bought product that it goes with, see rfm.product_pairs',
    confidence_low     DOUBLE  NOT NULL COMMENT 'of the rule from the one to the other',
    PRIMARY KEY (customer_id, place)
);

CREATE TABLE rfm.traits (
    customer_id       VARCHAR       NOT NULL COMMENT 'the customer: one person, the same from run to run',
    days_back         BIGINT        NOT NULL COMMENT 'the moment: so many days before $as_of; 0 is now',
    orders            BIGINT        NOT NULL COMMENT 'purchases in the reporting currency before the moment',
    recent_orders     BIGINT        NOT NULL COMMENT 'of these, in the $propensity_days before it',
    recency_days      BIGINT        NOT NULL COMMENT 'days from the last of them to the moment',
    tenure_days       BIGINT        NOT NULL COMMENT 'days from the first of them to the moment',
    spend             DECIMAL(18,2) NOT NULL COMMENT 'what they came to, returns not taken off',
    log_recency       DOUBLE        NOT NULL COMMENT 'ln(1 + recency_days)',
    log_tenure        DOUBLE        NOT NULL COMMENT 'ln(1 + tenure_days)',
    log_orders        DOUBLE        NOT NULL COMMENT 'ln(1 + orders)',
    log_recent_orders DOUBLE        NOT NULL COMMENT 'ln(1 + recent_orders)',
    log_order_value   DOUBLE        NOT NULL COMMENT 'ln(1 + spend / orders)',
    log_gap           DOUBLE                 COMMENT 'ln(1 + mean days between orders); null: one order',
    discount_share    DOUBLE        NOT NULL COMMENT 'share of orders with a discount, 0 to 1',
    return_share      DOUBLE        NOT NULL COMMENT 'returns for each order, 1 at most',
    web_share         DOUBLE        NOT NULL COMMENT 'share of orders by channel web, 0 to 1',
    weekend_share     DOUBLE        NOT NULL COMMENT 'share of orders on Saturday or Sunday, 0 to 1',
    bought_again      BOOLEAN                COMMENT 'true: bought between the moment and $as_of; null: the moment is now',
    PRIMARY KEY (customer_id, days_back)
);

CREATE TABLE rfm.cluster_traits (
    cluster    BIGINT  NOT NULL COMMENT 'number of the cluster, from 1, the largest',
    trait      VARCHAR NOT NULL COMMENT 'a column of rfm.traits',
    mean       DOUBLE  NOT NULL COMMENT 'its mean over all buyers',
    deviation  DOUBLE  NOT NULL COMMENT 'its standard deviation over all buyers; 1 where all are the same',
    centre     DOUBLE  NOT NULL COMMENT 'how far the mean of the cluster is from that of all, in standard deviations',
    explained  DOUBLE           COMMENT 'share of the variance that is between clusters, 0 to 1; null: all buyers are the same',
    silhouette DOUBLE           COMMENT 'mean silhouette, −1 to 1: how far the clusters lie apart; null: there is one cluster',
    why        VARCHAR NOT NULL COMMENT 'why there are so many clusters',
    warning    VARCHAR          COMMENT 'what to know before reading meaning into them',
    PRIMARY KEY (cluster, trait)
);

CREATE TABLE rfm.clusters (
    customer_id VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    cluster     BIGINT  NOT NULL             COMMENT 'number of the cluster, as in rfm.cluster_models',
    description VARCHAR NOT NULL             COMMENT 'what sets the cluster apart from all buyers',
    distance    DOUBLE  NOT NULL             COMMENT 'how far the customer is from the centre, in standard deviations: small is typical'
);

CREATE TABLE rfm.cluster_models (
    cluster        BIGINT        NOT NULL PRIMARY KEY COMMENT 'number of the cluster',
    description    VARCHAR       NOT NULL             COMMENT 'what sets it apart from all buyers, the most striking trait first',
    customers      BIGINT        NOT NULL             COMMENT 'how many customers are in it',
    share          DOUBLE        NOT NULL             COMMENT 'their share of all buyers, 0 to 1',
    recency_days   DOUBLE        NOT NULL             COMMENT 'median days since the last order',
    tenure_days    DOUBLE        NOT NULL             COMMENT 'median days since the first order',
    orders         DOUBLE        NOT NULL             COMMENT 'median number of orders',
    order_value    DECIMAL(18,2) NOT NULL             COMMENT 'what an order comes to on average',
    spend          DECIMAL(18,2) NOT NULL             COMMENT 'what all its customers have spent, returns not taken off',
    currency       VARCHAR       NOT NULL             COMMENT 'the reporting currency, ISO 4217',
    discount_share DOUBLE        NOT NULL             COMMENT 'mean share of orders with a discount',
    return_share   DOUBLE        NOT NULL             COMMENT 'mean of returns for each order',
    web_share      DOUBLE        NOT NULL             COMMENT 'mean share of orders by channel web',
    weekend_share  DOUBLE        NOT NULL             COMMENT 'mean share of orders at weekends',
    explained      DOUBLE                             COMMENT 'share of the variance that is between clusters',
    silhouette     DOUBLE                             COMMENT 'mean silhouette, −1 to 1: how far the clusters lie apart',
    why            VARCHAR       NOT NULL             COMMENT 'why there are so many clusters',
    warning        VARCHAR                            COMMENT 'what to know before giving them names'
);

CREATE TABLE rfm.propensity_traits (
    model          VARCHAR NOT NULL COMMENT 'repeat_purchase: buys within $propensity_days; churn: does not buy for $lapsed_days',
    trait          VARCHAR NOT NULL COMMENT 'a column of rfm.traits, or (intercept)',
    mean           DOUBLE  NOT NULL COMMENT 'its mean over the customers learnt from',
    deviation      DOUBLE  NOT NULL COMMENT 'its standard deviation over them',
    coefficient    DOUBLE           COMMENT 'what one standard deviation more adds to the log-odds; null: nothing was learnt',
    error          DOUBLE           COMMENT 'standard error of the coefficient',
    days           BIGINT  NOT NULL COMMENT 'how many days the model looks ahead',
    n              BIGINT  NOT NULL COMMENT 'customers learnt from',
    positives      BIGINT  NOT NULL COMMENT 'of these, to whom it happened',
    log_likelihood DOUBLE           COMMENT 'of the coefficients',
    converged      BOOLEAN NOT NULL COMMENT 'true: the search ended at the maximum',
    identified     BOOLEAN NOT NULL COMMENT 'true: there are five customers or more for each trait to whom it happened, and to whom not',
    warning        VARCHAR          COMMENT 'what to know before using probabilities',
    PRIMARY KEY (model, trait)
);

CREATE TABLE rfm.propensity_backtest (
    model       VARCHAR NOT NULL COMMENT 'as in rfm.propensity_models',
    customer_id VARCHAR NOT NULL COMMENT 'the customer: one person, the same from run to run',
    probability DOUBLE  NOT NULL COMMENT 'what the model said at the earlier moment, 0 to 1',
    happened    BOOLEAN NOT NULL COMMENT 'true: it happened',
    PRIMARY KEY (model, customer_id)
);

CREATE TABLE rfm.propensity_holdout (
    model     VARCHAR NOT NULL COMMENT 'as in rfm.propensity_models',
    decile    BIGINT  NOT NULL COMMENT 'tenth of the customers held out, 1: highest probabilities',
    customers BIGINT  NOT NULL COMMENT 'how many customers are in it',
    lowest    DOUBLE  NOT NULL COMMENT 'lowest probability',
    highest   DOUBLE  NOT NULL COMMENT 'highest probability',
    expected  DOUBLE  NOT NULL COMMENT 'to how many it should have happened',
    actual    BIGINT  NOT NULL COMMENT 'to how many it happened',
    lift      DOUBLE           COMMENT 'how many times as often as among all; null: it happened to nobody',
    PRIMARY KEY (model, decile)
);

CREATE TABLE rfm.propensity_models (
    model              VARCHAR NOT NULL PRIMARY KEY COMMENT 'repeat_purchase: buys within $propensity_days; churn: does not buy for $lapsed_days',
    days               BIGINT  NOT NULL             COMMENT 'how many days it looks ahead',
    n                  BIGINT  NOT NULL             COMMENT 'customers learnt from, four of five',
    positives          BIGINT  NOT NULL             COMMENT 'of these, to whom it happened',
    log_likelihood     DOUBLE                       COMMENT 'of the coefficients in rfm.propensity_traits',
    converged          BOOLEAN NOT NULL             COMMENT 'true: the search ended at the maximum',
    identified         BOOLEAN NOT NULL             COMMENT 'true: there are enough customers for so many traits; false: there are no probabilities',
    held_out           BIGINT  NOT NULL             COMMENT 'customers held out, one of five',
    held_out_positives BIGINT  NOT NULL             COMMENT 'of these, to whom it happened',
    held_out_expected  DOUBLE                       COMMENT 'to how many it should have happened, by the model',
    auc                DOUBLE                       COMMENT 'probability that who it happened to had the higher probability: 0.5 is chance, 1 certainty',
    log_loss           DOUBLE                       COMMENT 'mean of −ln of the probability of what happened; smaller is better',
    brier              DOUBLE                       COMMENT 'mean squared error of the probability; smaller is better',
    brier_of_share     DOUBLE                       COMMENT 'the same if everybody were given the same probability',
    warning            VARCHAR                      COMMENT 'what to know before using probabilities'
);

CREATE TABLE rfm.propensities (
    customer_id       VARCHAR NOT NULL PRIMARY KEY COMMENT 'the customer: one person, the same from run to run',
    p_repeat_purchase DOUBLE                       COMMENT 'probability to buy within $propensity_days, 0 to 1; null: too little to learn from',
    p_churn           DOUBLE                       COMMENT 'probability not to buy for $lapsed_days, 0 to 1; null: has lapsed already, or too little to learn from'
);
