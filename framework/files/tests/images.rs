use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, RgbaImage};
use megashop_files::{Family, Kind, Refusal, Rules, Thumbnail, WIDTHS, inspect, thumbnails};

use crate::support::{accepted, encoded, picture, png, png_header, refusal};

fn shrunk(bytes: &[u8], widths: &[u32]) -> Vec<Thumbnail> {
    thumbnails(bytes, &Rules::default(), widths).unwrap()
}

fn decoded(thumbnail: &Thumbnail) -> DynamicImage {
    image::load_from_memory_with_format(&thumbnail.webp, ImageFormat::WebP).unwrap()
}

#[test]
fn pictures_are_known_by_content() {
    let formats = [
        (ImageFormat::Jpeg, Kind::Jpeg),
        (ImageFormat::Png, Kind::Png),
        (ImageFormat::Gif, Kind::Gif),
        (ImageFormat::WebP, Kind::Webp),
    ];
    for (format, kind) in formats {
        let detected = accepted(&encoded(&picture(40, 30), format));
        assert_eq!((detected.kind, detected.dimensions), (kind, Some((40, 30))));
    }
}

#[test]
fn a_picture_of_50_000_by_50_000_is_refused_by_its_header() {
    assert_eq!(refusal(&png_header(50_000, 50_000)), Refusal::TooManyPixels);
    assert_eq!(refusal(&png_header(50_000, 1_001)), Refusal::TooManyPixels);
    assert_eq!(accepted(&png_header(50_000, 1_000)).dimensions, Some((50_000, 1_000)));

    let mut gif = encoded(&picture(4, 4), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(refusal(&gif), Refusal::TooManyPixels);

    let mut jpeg = encoded(&picture(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xc3, 0x50, 0xc3, 0x50]);
    assert_eq!(refusal(&jpeg), Refusal::TooManyPixels);
    assert_eq!(thumbnails(&jpeg, &Rules::default(), &WIDTHS).unwrap_err(), Refusal::TooManyPixels);
}

#[test]
fn a_picture_that_only_begins_like_one_is_refused() {
    let page = b"<html><script>alert(1)</script></html>";
    for start in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"] {
        assert_eq!(refusal(&[start, page].concat()), Refusal::BrokenImage);
    }
    assert_eq!(refusal(&png_header(0, 10)), Refusal::BrokenImage);
    let webp = b"RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\0\0\x04\0";
    assert_eq!(refusal(webp), Refusal::BrokenImage);
    // Заголовок цел, точек нет: это видит только раскодирование.
    let gif = [&b"GIF89a\x0a\0\x0a\0\0\0\0"[..], page].concat();
    for headless in [png_header(10, 10), gif] {
        assert_eq!(accepted(&headless).dimensions, Some((10, 10)));
        let refused = thumbnails(&headless, &Rules::default(), &[10]).unwrap_err();
        assert_eq!(refused, Refusal::BrokenImage);
    }
}

#[test]
fn thumbnails_never_enlarge_and_keep_proportions() {
    let sizes = |bytes: &[u8], widths: &[u32]| -> Vec<(u32, u32)> {
        shrunk(bytes, widths).iter().map(|thumbnail| (thumbnail.width, thumbnail.height)).collect()
    };
    assert_eq!(sizes(&png(600, 300), &WIDTHS), [(160, 80), (480, 240), (600, 300)]);
    assert_eq!(sizes(&png(100, 50), &WIDTHS), [(100, 50)]);
    assert_eq!(sizes(&png(200, 100), &[100, 50, 100]), [(50, 25), (100, 50)]);
    assert_eq!(sizes(&png(2, 20_000), &[2]), [(2, 16_383)]);
}

#[test]
fn thumbnails_are_webp_that_looks_like_the_original() {
    let original = picture(320, 200);
    let thumbnails = shrunk(&encoded(&original, ImageFormat::Png), &[160, 320]);
    for thumbnail in &thumbnails {
        assert_eq!(accepted(&thumbnail.webp).kind, Kind::Webp);
        let copy = decoded(thumbnail).to_rgb8();
        let expected = original.resize(copy.width(), copy.height(), image::imageops::FilterType::Triangle).to_rgb8();
        let difference: u64 = copy.as_raw().iter().zip(expected.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = difference / copy.as_raw().len() as u64;
        assert!(mean < 10, "mean difference {mean}");
    }
    assert!(thumbnails[0].webp.len() < thumbnails[1].webp.len());
}

#[test]
fn transparency_survives() {
    let glass = DynamicImage::from(RgbaImage::from_pixel(64, 64, image::Rgba([200, 10, 10, 0])));
    let copy = decoded(&shrunk(&encoded(&glass, ImageFormat::Png), &[32])[0]);
    assert_eq!(copy.to_rgba8().get_pixel(5, 5)[3], 0);
}

/// EXIF: поворот на 90° (метка 0x0112 = 6) и координаты съёмки словами в описании (0x010e).
fn exif() -> Vec<u8> {
    let place = b"GPS 55.7558N 37.6173E\0";
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend(b"\x0e\x01\x02\0");
    tiff.extend(u32::try_from(place.len()).unwrap().to_le_bytes());
    tiff.extend(38_u32.to_le_bytes());
    tiff.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    tiff.extend(b"\0\0\0\0");
    tiff.extend(place);
    [&b"Exif\0\0"[..], &tiff].concat()
}

#[test]
fn exif_is_gone_and_its_rotation_is_applied() {
    let plain = encoded(&picture(60, 40), ImageFormat::Jpeg);
    let exif = exif();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let photo = [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat();
    assert_eq!(accepted(&photo).dimensions, Some((60, 40)));

    let thumbnail = &shrunk(&photo, &[100])[0];
    assert_eq!((thumbnail.width, thumbnail.height), (40, 60));
    for secret in [&b"GPS"[..], b"Exif", b"EXIF", b"55.7558"] {
        assert!(!thumbnail.webp.windows(secret.len()).any(|part| part == secret));
    }
}

#[test]
fn a_page_hidden_behind_a_picture_does_not_survive() {
    let polyglot = [png(20, 20), b"<html><script>alert(1)</script></html>".to_vec()].concat();
    let thumbnail = &shrunk(&polyglot, &[20])[0];
    assert!(!thumbnail.webp.windows(7).any(|part| part == b"<script"));
}

#[test]
fn an_animation_becomes_its_first_frame() {
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    let frame = |level| Frame::new(RgbaImage::from_pixel(16, 16, image::Rgba([level, level, level, 255])));
    encoder.encode_frames([frame(250), frame(0)]).unwrap();
    drop(encoder);
    let copy = decoded(&shrunk(&gif, &[16])[0]);
    assert!(copy.to_rgb8().get_pixel(8, 8)[0] > 200);
}

#[test]
fn only_pictures_have_thumbnails() {
    let model = include_bytes!("fixtures/Box.glb");
    assert_eq!(thumbnails(model, &Rules::default(), &WIDTHS).unwrap_err(), Refusal::TypeNotAllowed);
}

#[test]
fn each_place_sets_its_own_rules() {
    let picture = png(10, 10);
    let models = Rules::only(&[Family::Model]);
    assert_eq!(inspect(&picture, &models), Err(Refusal::TypeNotAllowed));
    let tiny = Rules { max_image_bytes: picture.len() - 1, ..Rules::default() };
    assert_eq!(inspect(&picture, &tiny), Err(Refusal::TooLarge));
    let exact = Rules { max_image_bytes: picture.len(), max_pixels: 100, ..Rules::default() };
    assert!(inspect(&picture, &exact).is_ok());
    assert_eq!(inspect(&picture, &Rules { max_pixels: 99, ..exact }), Err(Refusal::TooManyPixels));
}

/// Почему не кодировщик самого `image`: он умеет только без потерь. Правило «в разы меньше» — из README.
#[test]
fn thumbnails_are_several_times_smaller_than_lossless() {
    let original = picture(640, 480);
    let lossless = encoded(&original, ImageFormat::WebP).len();
    let ours = shrunk(&encoded(&original, ImageFormat::Png), &[640])[0].webp.len();
    assert!(ours * 4 < lossless, "ours {ours}, lossless {lossless}");
}
