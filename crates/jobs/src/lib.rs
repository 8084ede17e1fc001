//! The queue, folders, atomic commit and revert
