-- How far each source is believed about each attribute: the rules of survivorship, to be read and changed.
--
-- One row: one rule. `source` '*' is any source without a rule of its own. `verified`: the person proved the value, as
-- by a link in an e-mail or a code by SMS. `trust` runs from 0 to 1; of several claims the most trusted wins, then the
-- latest confirmed. `stale_days`: a claim that nothing has confirmed for longer loses to every fresh one; null: never.
-- To change the rules, copy this file into the project's folder sql/profile.
--
-- key: attribute, source, verified
SELECT attribute, source, verified, CAST(trust AS DOUBLE) AS trust, CAST(stale_days AS BIGINT) AS stale_days
FROM (VALUES
    ('name',       '*', false, 0.5, NULL),
    ('birth_date', '*', false, 0.5, NULL),
    ('sex',        '*', false, 0.5, NULL),
    ('email',      '*', false, 0.5, 1095),
    ('email',      '*', true,  0.9, 1825),
    ('phone',      '*', false, 0.5, 1095),
    ('phone',      '*', true,  0.9, 1825),
    ('address',    '*', false, 0.5, 1825),
    ('company',    '*', false, 0.5, 1095),
    ('language',   '*', false, 0.5, NULL)
) AS rules(attribute, source, verified, trust, stale_days)
