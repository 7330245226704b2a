//! BG/NBD: Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
//! Marketing Science 24(2).
//!
//! A customer can leave after each repeat purchase. Who has never bought again is alive for certain, which is rarely true;
//! MBG/NBD does without this.

use super::beta_geometric::beta_geometric;

beta_geometric!(BgNbd, "bg_nbd", 0.0);
