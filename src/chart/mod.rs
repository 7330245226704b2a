//! Charts for people: as SVG, alone or inside a page, and as text in a terminal. They know lengths and labels, and
//! nothing of what these stand for.
//!
//! An SVG names no font, script or picture of elsewhere, looks well on light, dark and paper, says in its title and
//! description what it shows, and is the same bytes for the same figures.

mod bars;
mod histogram;
mod lines;
mod number;
mod scale;
mod svg;
pub(crate) mod terminal;
mod waterfall;

pub(crate) use bars::{Bars, Group, Row, Series};
pub(crate) use histogram::{Column, Histogram, Mark};
pub(crate) use lines::{Line, Lines, Panel, figure};
pub(crate) use number::{bits, counted, percent, thousands};
pub(crate) use svg::{STYLE, Svg, escape};
pub(crate) use waterfall::{Fall, Waterfall};
