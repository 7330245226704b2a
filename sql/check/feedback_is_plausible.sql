-- Tones lie between -1 and 1, alone and in the mean, and every customer with feedback has their dealings added up.
--
-- One row: one customer with a tone that is none, or whose tickets were lost on the way.
SELECT f.customer_id, min(f.tone) AS lowest, max(f.tone) AS highest, count(*) AS tickets, max(s.tickets) AS counted
FROM profile.feedback AS f
LEFT JOIN profile.service AS s ON s.customer_id = f.customer_id
GROUP BY f.customer_id
HAVING min(f.tone) < -1 OR max(f.tone) > 1 OR max(abs(s.mean_tone)) > 1
    OR coalesce(max(s.tickets), 0) <> count(*)
