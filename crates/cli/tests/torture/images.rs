//! Tiny images of every format, each of which can become smaller without loss. The number makes
//! each a file of its own.

/// A grey JPEG of 16×16 px with the standard Huffman tables.
const JPEG: &str = "ffd8ffe000104a46494600010100000100010000ffdb00430006040506050406060506070706080a\
100a0a09090a140e0f0c1017141818171416161a1d251f1a1b231c1616202c20232627292a29191f2d302d283025282928\
ffc0000b080010001001011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400\
b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1\
f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566676869\
6a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6\
c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00f3ff000268bf\
62f2fe5dfbff000c63ff00d75e91e37d5bfe105f03c9f6593fe269a9ff00a2daed6dae9c7cf20c3061b54f0c3386299eb4\
ff000268bf62f2fe5dfbff000c63ff00d75e6be22d665f1378c26b98e5926d2a2730d8c6490ab18c02e0100e5c8dc72323\
8049da2bffd9";

/// Four grey squares by four in the data of a GIF with 256 colours.
const GIF_DATA: &str = "2c00000000100010004008420007081cc0a0208381040d223478702043860b153a94281022c289\
05233e6c5891e2458b1d376ae4f8d123c88419313e1cc952e54597304392dc9852664b9b030302003b";

/// The image of this number, with its extension.
pub fn image(number: u8) -> (&'static str, Vec<u8>) {
    match number % 4 {
        0 => ("png", png(number)),
        1 => ("jpg", jpeg(number)),
        2 => ("gif", gif(number)),
        _ => ("svg", svg(number)),
    }
}

fn png(number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::NoCompression);
    let pixels: Vec<u8> = (0..16 * 16).flat_map(|_| [number, 90, 7, 255]).collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

fn jpeg(number: u8) -> Vec<u8> {
    let mut bytes = unhex(JPEG);
    let comment = [0xff, 0xfe, 0, 4, b'#', number];
    bytes.splice(20..20, comment);
    bytes
}

fn gif(number: u8) -> Vec<u8> {
    let mut bytes = b"GIF89a\x10\0\x10\0\xf7\0\0".to_vec();
    bytes.extend((0..=255u8).flat_map(|grey| [grey; 3]));
    bytes.extend([0x21, 0xfe, 2, b'#', number, 0]);
    bytes.extend(unhex(GIF_DATA));
    bytes
}

fn svg(number: u8) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- drawing {number} -->\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16\" height=\"16\">\n    \
         <rect x=\"0.000\" y=\"0.000\" width=\"8.000\" height=\"16.000\" fill=\"#aa00{number:02x}\"/>\n</svg>\n"
    )
    .into_bytes()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
