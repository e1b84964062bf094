//! Every number once, in order: what is lost, doubled or out of order is counted.

use std::collections::HashSet;

#[derive(Default)]
pub struct Order {
    /// The number that comes next.
    next: u32,
    missing: HashSet<u32>,
}

#[derive(Default)]
pub struct Faults {
    pub doubled: u64,
    pub out_of_order: u64,
}

impl Order {
    /// Whether the number is new.
    pub fn take(&mut self, number: u32, faults: &mut Faults) -> bool {
        if number >= self.next {
            self.missing.extend(self.next..number);
            self.next = number + 1;
            true
        } else if self.missing.remove(&number) {
            faults.out_of_order += 1;
            true
        } else {
            faults.doubled += 1;
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Faults, Order};

    #[test]
    fn a_double_a_gap_and_a_latecomer_are_told_apart() {
        let (mut order, mut faults) = (Order::default(), Faults::default());
        let new: Vec<bool> = [0, 1, 1, 3, 2, 2].into_iter().map(|number| order.take(number, &mut faults)).collect();
        assert_eq!(new, [true, true, false, true, true, false]);
        assert_eq!((faults.doubled, faults.out_of_order), (2, 1));
    }
}
