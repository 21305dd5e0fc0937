//! Испорченные файлы: проверка отказывает или принимает, но не паникует и не виснет.

use image::ImageFormat;
use megashop_files::{Rules, inspect, thumbnails};
use proptest::prelude::*;

use crate::support::{encoded, picture, png};

fn samples() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("fixtures/Box.glb").to_vec(),
        include_bytes!("fixtures/TwoCubes.glb").to_vec(),
        include_bytes!("fixtures/Box-embedded.gltf").to_vec(),
        b"%PDF-1.7\n%%EOF".to_vec(),
        b"\x1a\x45\xdf\xa3\x8b\x42\x86\x81\x01\x42\x82\x84webm\x18\x53\x80\x67\xff".to_vec(),
        b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08moov".to_vec(),
        png(9, 7),
        encoded(&picture(9, 7), ImageFormat::Jpeg),
        encoded(&picture(9, 7), ImageFormat::Gif),
        encoded(&picture(9, 7), ImageFormat::WebP),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(
        sample in 0..10_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = samples().swap_remove(sample);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let rules = Rules { max_pixels: 1_000_000, ..Rules::default() };
        let _ = inspect(&bytes, &rules);
        let _ = thumbnails(&bytes, &rules, &[8]);
    }

    #[test]
    fn random_bytes_after_any_magic_never_panic(sample in 0..10_usize, tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = samples().swap_remove(sample);
        bytes.truncate(12);
        bytes.extend(tail);
        let _ = inspect(&bytes, &Rules::default());
    }
}
