//! Disks of virtual machines: their heads and tables. What the guest wrote is not looked into.

pub(super) mod qcow2;
pub(super) mod vhdx;
pub(super) mod vmdk;
