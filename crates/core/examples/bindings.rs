//! Prints the TypeScript twins of the shared types.
fn main() {
    print!("{}", whittle_core::typescript::declarations());
}
