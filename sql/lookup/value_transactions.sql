-- The purchases of a project as the transactions of `onefold value backtest`.
SELECT customer_id, ordered_at, amount, currency
FROM profile.orders
WHERE is_purchase AND currency = $currency
