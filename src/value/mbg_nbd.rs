//! MBG/NBD: Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for customer base
//! analysis, International Journal of Research in Marketing 24(3). The default model.
//!
//! As BG/NBD, but a customer can also leave after the first purchase, so that a customer who has bought only once may be
//! gone.

use super::beta_geometric::beta_geometric;

beta_geometric!(MbgNbd, "mbg_nbd", 1.0);
