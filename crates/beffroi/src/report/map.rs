//! Where the parts of a map lie: rectangles whose areas are as the numbers, as square as they can be.
//!
//! Squarified treemaps: Bruls, Huizing, van Wijk, 2000.

/// A rectangle; lengths in the units of the drawing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
}

impl Area {
    /// Returns what is left inside a border, at least nothing.
    pub fn inside(self, border: f64, top: f64) -> Self {
        Self {
            x: self.x + border,
            y: self.y + top,
            width: (self.width - 2.0 * border).max(0.0),
            height: (self.height - top - border).max(0.0),
        }
    }

    fn short_side(&self) -> f64 {
        self.width.min(self.height)
    }
}

/// Divides an area by weights, which are positive and sorted, the largest first; returns one part for each.
pub fn divide(weights: &[f64], area: Area) -> Vec<Area> {
    let total: f64 = weights.iter().sum();
    let mut parts = Vec::with_capacity(weights.len());
    if total <= 0.0 {
        return vec![Area { width: 0.0, height: 0.0, ..area }; weights.len()];
    }
    let scale = area.width * area.height / total;
    let (mut rest, mut free) = (weights, area);
    while !rest.is_empty() {
        let count = row_of(rest, scale, free.short_side());
        let (row, after) = rest.split_at(count);
        free = lay(row, scale, free, &mut parts);
        rest = after;
    }
    parts
}

/// Returns how many of the first weights make the squarest row along a side.
fn row_of(weights: &[f64], scale: f64, side: f64) -> usize {
    let mut worst = f64::INFINITY;
    let mut sum = 0.0;
    for (at, weight) in weights.iter().enumerate() {
        sum += weight * scale;
        let thick = sum / side.max(f64::MIN_POSITIVE);
        let ratio = |weight: f64| {
            let long = (weight * scale / thick.max(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE);
            (long / thick).max(thick / long)
        };
        let worst_now = ratio(weights[0]).max(ratio(*weight));
        if at > 0 && worst_now > worst {
            return at;
        }
        worst = worst_now;
    }
    weights.len()
}

/// Lays a row along the short side, and returns what is left.
fn lay(row: &[f64], scale: f64, free: Area, parts: &mut Vec<Area>) -> Area {
    let sum: f64 = row.iter().sum::<f64>() * scale;
    let is_upright = free.width >= free.height;
    let thick = sum / free.short_side().max(f64::MIN_POSITIVE);
    let mut along = 0.0;
    for weight in row {
        let long = weight * scale / thick.max(f64::MIN_POSITIVE);
        parts.push(if is_upright {
            Area { x: free.x, y: free.y + along, width: thick, height: long }
        } else {
            Area { x: free.x + along, y: free.y, width: long, height: thick }
        });
        along += long;
    }
    if is_upright {
        Area { x: free.x + thick, width: (free.width - thick).max(0.0), ..free }
    } else {
        Area { y: free.y + thick, height: (free.height - thick).max(0.0), ..free }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Area = Area { x: 0.0, y: 0.0, width: 800.0, height: 400.0 };

    #[test]
    fn areas_are_as_the_weights_and_do_not_overlap() {
        let weights = [60.0, 30.0, 20.0, 5.0, 5.0, 1.0];
        let parts = divide(&weights, PAGE);
        let total: f64 = weights.iter().sum();
        for (part, weight) in parts.iter().zip(weights) {
            let expected = PAGE.width * PAGE.height * weight / total;
            assert!((part.width * part.height - expected).abs() < 1.0, "{part:?}");
            assert!(part.x >= 0.0 && part.y >= 0.0 && part.x + part.width <= 800.5 && part.y + part.height <= 400.5);
        }
        for (at, one) in parts.iter().enumerate() {
            for other in &parts[at + 1..] {
                let wide = (one.x + one.width).min(other.x + other.width) - one.x.max(other.x);
                let high = (one.y + one.height).min(other.y + other.height) - one.y.max(other.y);
                assert!(wide < 0.01 || high < 0.01, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn no_room_and_no_weight_are_no_trouble() {
        assert!(divide(&[], PAGE).is_empty());
        let flat = Area { height: 0.0, ..PAGE };
        assert!(divide(&[3.0, 1.0], flat).iter().all(|part| part.width.is_finite() && part.height.is_finite()));
        assert_eq!(divide(&[0.0], PAGE)[0].width, 0.0);
    }
}
