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
    renews_on  DATE               COMMENT 'when the contract renews'
);
