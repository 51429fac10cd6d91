//! Records that OpenSSL 3.0.19 wrote, with their secrets: what is tested here was sealed by somebody else.
//!
//! Made with Python's `ssl` over memory BIOs: one version and cipher (`set_ciphers("..:@SECLEVEL=0")`) at a time,
//! `keylog_filename` for the secrets, encrypt-then-MAC switched off by option bit 19, tickets off. The client wrote
//! `hello from the client`, the server `hello from the server`, the client `twice`. Kept of each side is what follows its
//! ChangeCipherSpec (in TLS 1.3: its Finished and application data).

/// One side's records: content type and version of the header, and the fragment in hex.
pub(super) type Records = &'static [(u8, u16, &'static str)];

/// A connection up to TLS 1.2.
pub(super) struct Recorded12 {
    pub(super) name: &'static str,
    pub(super) suite: u16,
    pub(super) version: u16,
    pub(super) encrypt_then_mac: bool,
    pub(super) client_random: &'static str,
    pub(super) server_random: &'static str,
    pub(super) master_secret: &'static str,
    pub(super) client: Records,
    pub(super) server: Records,
}

/// A TLS 1.3 connection: its key log's secrets, and of each side one handshake record (the client's Finished only) and
/// application data.
pub(super) struct Recorded13 {
    pub(super) name: &'static str,
    pub(super) suite: u16,
    pub(super) client_handshake_traffic_secret: &'static str,
    pub(super) client_traffic_secret_0: &'static str,
    pub(super) server_traffic_secret_0: &'static str,
    pub(super) client_finished: &'static str,
    pub(super) client: [&'static str; 2],
    pub(super) server: &'static str,
}

#[rustfmt::skip]
pub(super) static UP_TO_TLS12: &[Recorded12] = &[
    Recorded12 {
        name: "TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256",
        suite: 0xc02f, version: 0x0303, encrypt_then_mac: false,
        client_random: "5b37aa0b712be6f3c5210fb7ecf9e707861b42d0a0eed2485c4926b78edf9159",
        server_random: "b055b94648cc551c0d019908ca06ddcacdbc3174ccc6de17293e3ea901b1e8ed",
        master_secret:
            "94257ff59f3c968d345396bf060eb15678ea92509dcc47f2ebac33db61e44a8f66f55ce6bd2b055d7be736e06a0a1e30",
        client: &[
            (22, 0x0303, "991d52b271625feb235f8df9a8c1c76855e477d09ff21eba36ea2320de10a00915b91e0ad97ec493"),
            (23, 0x0303, "991d52b271625fec733b0f564f66866693ab6342604dc8637b4679925fe7289de12e13d94252b768bc39533ff6"),
            (23, 0x0303, "991d52b271625fed8d7987270985f39543d1b57c156b9ccf42e0ef916c"),
        ],
        server: &[
            (22, 0x0303, "7c6eaf919db22e2c6725c64cf4ed05b7de9172c8c9d4f892ccb8e73869fc5377e73287937bfd5c16"),
            (23, 0x0303, "7c6eaf919db22e2da16d268d1b2e6e3320a5b67f1b603071e1adadf78ebd0821f85b4c97aec8d139161c763864"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-ECDSA-AES256-GCM-SHA384",
        suite: 0xc02c, version: 0x0303, encrypt_then_mac: false,
        client_random: "477fce7ea90a35ff019621981ce6a2e04925636ca7b0cd1241486c40922d4d54",
        server_random: "340fa20e57fcb6a9f5ab1fcb28da36bce627e7665244b3a3a7cf69b9897ffe01",
        master_secret:
            "b64be988ca0ccc14802fa9a47694102cf21ea95f621aeb74c4dfcd52d0e3f69a09d54ba78476aa93d2e1d1a479b1a790",
        client: &[
            (22, 0x0303, "ab3b4b23e5e73bec179f3dc1be0204a65db0768071ed42db202effacfdadf69c736f05e3203191e4"),
            (23, 0x0303, "ab3b4b23e5e73bede4067974e5747e08560ad53e4f9dfea7f56c6e09df1c8e024d93cf94efb651e0b02e210fa3"),
            (23, 0x0303, "ab3b4b23e5e73beef2c9cb60bb7bfd24bfcf074b39fb5f4945814c4de7"),
        ],
        server: &[
            (22, 0x0303, "9151bbfa705db25e9a022de9292eac9e65c338272d32c3f509e90a931119e7784ec9262eec284b9b"),
            (23, 0x0303, "9151bbfa705db25f5dc7bd224c576b96d045baf27a2ce01a82c0bbfc4636555cb1063eb1df1fe87b5a7f1e7d8f"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-RSA-CHACHA20-POLY1305",
        suite: 0xcca8, version: 0x0303, encrypt_then_mac: false,
        client_random: "245a19cdf8bdf638799fbb6bc29be5a195d0b0d1e43450501178b49ab92cb7d9",
        server_random: "93778759f660ab582c8942f79c477619eb0cd780dbd9a8fa78f49685abf63528",
        master_secret:
            "c8758287481e9a2c0f8fbd5245ab223aa47e735f83419027ec50460f1e8ce906fac8f25dfbba332d387f0090ee6b449e",
        client: &[
            (22, 0x0303, "75bb5d3974f2e2477598da8625b85cd10aae3919874a4f70cf7aef3ce7ef560a"),
            (23, 0x0303, "a41fa4a3ae8e8dd7179e4f4500edd2978c0fc66b0e06e22732428b1bdcffa86e593feb682b"),
            (23, 0x0303, "2e20f3d79d601de21e5d38cacb038cbf54f181d6bc"),
        ],
        server: &[
            (22, 0x0303, "7863f25efa8ff02dfd41475ce3bade9d54c901cc8aafd5173d71e28f5ad48dde"),
            (23, 0x0303, "58c326a8db2571b544b1c227bf01bc990c85969b0181c33616e66bb36cb29df5f8b3b3fb80"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES128-CCM",
        suite: 0xc09c, version: 0x0303, encrypt_then_mac: false,
        client_random: "02fbe122b08ff35adc2d87bfc0be5cb774e457ac88b61adb5026a230e710ab4d",
        server_random: "2a090317ce31b239c1625c8536295eaa3ab2d945bb2dc8fd9e96d5881b49c6aa",
        master_secret:
            "b47d83b84202c14c5fe3389e6192877845c84b121f2f3453d1a67cdc3783deeb5ebffe784a990ff5ba970bcafe1bed17",
        client: &[
            (22, 0x0303, "00000000000000000f59325a538408ac5bd48aeb9f9d318460ca77eae303573ac6f2375bebd149f5"),
            (23, 0x0303, "0000000000000001c619df2781b30982a90009d19b0059dce18411b2b5f8af146b5f7b22243b4e64cbe8e05e18"),
            (23, 0x0303, "0000000000000002ce93f659aead3cfeee53e8cf8e0265aee75ad316fc"),
        ],
        server: &[
            (22, 0x0303, "0000000000000000dbe1a256a504d22cd9de00b664913aeb1d36917a211421b85dadd46d18548a8c"),
            (23, 0x0303, "00000000000000014641b06011dadb0f3466b3504a3b660ab34a834446e2c41db3ad4e35117e6da4453d716cd7"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES256-CCM",
        suite: 0xc09d, version: 0x0303, encrypt_then_mac: false,
        client_random: "907314a1297237fd7fc7e8f105a4e8a9c81c445b67f73c8ae96e0c5560346896",
        server_random: "e6ffe37f5380baf203911051f56b75de08cefef6deb049c204af00489819abfa",
        master_secret:
            "c5898546ad9cd4899871ceb1ab011e26d9aedfebe492b37fc00b1122ef96c459e7a24c8e59f7ffb42d8d751477ada057",
        client: &[
            (22, 0x0303, "0000000000000000090558b2173012e1a4d81805e178e1c572b47c15bcb44c8157409b4ad7a0f0ed"),
            (23, 0x0303, "000000000000000165a8d41554b3b1f4d99e4aea5355f8fd68ee0e0e293093c829b695a8b975c40136aee205e1"),
            (23, 0x0303, "00000000000000027c51548ab051126d46e204b9bf978e200b33c01c4c"),
        ],
        server: &[
            (22, 0x0303, "000000000000000069f333172a850667f3d3a5d46900a166254b53e6536f1b2ccfd468218f91fdfc"),
            (23, 0x0303, "0000000000000001da4f02ac29b25e21b4d2e892a4a1de7728ae0c059b2fe70c7eb7cbd429b87a67e41470dfd8"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-ECDSA-AES128-CCM8",
        suite: 0xc0ae, version: 0x0303, encrypt_then_mac: false,
        client_random: "1ea0bbaa200bed776594e04a91b1203f04ed698e05b8bf415a4bc041fc30532c",
        server_random: "7057903db96e560c5f6ec122d0f7ab624995f7e3a45f360c714265537123ffb6",
        master_secret:
            "f237179b08cb163ad461b89d8b79ff4e61a2aabf180117730666f5d6e9969fd5c825fb7eec9c86d9b06f2600e63500f7",
        client: &[
            (22, 0x0303, "0000000000000000d9fc7521961c0892ce92bbaf3c0bfc3e7569388dd6d84fb2"),
            (23, 0x0303, "000000000000000178ca38dadf0438f1ecf091cc3fa361393c80da91cfd28e4164056f914a"),
            (23, 0x0303, "00000000000000024a9313fbd801212b917fd775ca"),
        ],
        server: &[
            (22, 0x0303, "00000000000000006b39dcc712bb670d0d352415891312f91052dc81a5c1afe4"),
            (23, 0x0303, "0000000000000001873f312e9e9f6062e027d8f184df6c9d5232bffc7ecb0b96f3809e377c"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES256-CCM8",
        suite: 0xc0a1, version: 0x0303, encrypt_then_mac: false,
        client_random: "b388352eb4bcea124a0b5a8a8f2054763bf26ff1279735ca7959775d30aef155",
        server_random: "b38443fc97df7686b3d8091189b53266b05246716e4ee410187f159ff204b458",
        master_secret:
            "6cfe30c16114d9c6d59f002a0b7793afe36f7c210c2ccc5a61e04b7d08c8842eb3212a2f57b4c56bfe69157c363a1914",
        client: &[
            (22, 0x0303, "000000000000000029d361a54db0ccc779e708f020ad9a8a6f15783b746f5404"),
            (23, 0x0303, "0000000000000001e10fb5f799f5560f90d423e0f72e4e2aba780e734be8bc4afd1b2d2551"),
            (23, 0x0303, "00000000000000027c4be3eaccbd3ac7e291eeda2f"),
        ],
        server: &[
            (22, 0x0303, "00000000000000004444338675746175eed32cdc1e9156eccff0a0475f99d1b0"),
            (23, 0x0303, "0000000000000001eef441f504fa1e758e524293ac3e38fd1bbc748dde83e1124fff91c072"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES128-SHA, encrypt-then-MAC",
        suite: 0x002f, version: 0x0303, encrypt_then_mac: true,
        client_random: "8c39c61f0f0f26eab5c20164e31453f8a05896123f1d76e5cf55137009d4415e",
        server_random: "7ae32807135b9bceef0785d6cd929148491e9fee471a739e61192d6c29345bb6",
        master_secret:
            "ace2558b728a820eae0ed1ab0c6fd81bf9d32cd15a0344b20febc28be73d26ecde2d989419f1f35ade7e8411a49f94a3",
        client: &[
            (22, 0x0303, "31cad22b1e7530b34088e7ac94becf1256a3463fbc7de8919ce94a2e6f520b975f02bb0ba41ad1457be8bfb643c8e06e\
                          80ac7a49f67daa30760b39d7f0674d7e4ffb740e"),
            (23, 0x0303, "86260052d98eab7aa56047c24f87b0448fc6dd0ca1adb7b0b993dcbbcf2edb88ff3f6bcd5efec89996298cd30bb77875\
                          30836509a2eb28d9454abdd19e8859ac4125b202"),
            (23, 0x0303, "25a39e08bfbdde74fb94681f838450a2351285090f4b268a3c16e71ac20d058ae0b3ede2bcc2b52b5403eb7621871f24\
                          97d5824b"),
        ],
        server: &[
            (22, 0x0303, "4fd4d7fbd02c180e392e860969e5016275c073f52cdc5eb0dae013eff3f6ef9b07da21b9655000a3de02308c7a80898b\
                          3520a4d92b983f2e2c980cc0579cb2134f633087"),
            (23, 0x0303, "a8346855c937afae45c0406a95ab25dae39a6ee523063ccd13bd09aec34c58d43951b3df402c949a246cf75dd0a74e5c\
                          ccd84af82698efffe6a21d74f07b20192ac8a851"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES128-SHA",
        suite: 0x002f, version: 0x0303, encrypt_then_mac: false,
        client_random: "d7d9df861060b8b2758d1035676701febd0bdba3e8e59563d6be494e4823f482",
        server_random: "883b8b430a5d18ef36ca3c533bf7fec7a5e344be277f02b073087955720405b0",
        master_secret:
            "090ead19451cdf6b9121cf3e64170fbc5ff837e7f5f719360072d56c685e5ec6e61a01c1ada9947cee73b04a1086ecda",
        client: &[
            (22, 0x0303, "b510a4a3c8853faa58dfd8e0ed50824d9f398405711e37c3a22ad48a14bde25fb5da092a045aa9377eb57954328c843a\
                          6b64d1c815fe07d63039e0df37be89b6"),
            (23, 0x0303, "8347f7a4f51f395922943c1092279c862487651853def7f7aec16f89cac5de39aa2e4510b3d4ef2a1eae263aa07157ca\
                          0d150492895be4cf615fd8aa961f5d0c"),
            (23, 0x0303, "25a474ed8b9c296f72575ca8d6086ac4134e3e4dfd5a1ebc60522a9b16d953e985b2feb4a03bcd68365463bf123d711e"),
        ],
        server: &[
            (22, 0x0303, "557c8e0d8e1c026487e9774690851e950fd1db1e26c4bab248ddda9fff30a54f9e33d704e696483db64874eb3424968e\
                          855b4d5255c291563db0130dbc997e61"),
            (23, 0x0303, "af0127ce8e0e83f86674e13e20330a40a342564c3be34e2a624d174237b793c7cf95f4e0a459e0c9a5627c4f5165bd16\
                          3bab0d2e3e4376922dd0ce8aac41f5ad"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES256-SHA256, encrypt-then-MAC",
        suite: 0x003d, version: 0x0303, encrypt_then_mac: true,
        client_random: "edfdf039c7a761df5608894e41981cbe772316386e2fc7a6f39bb01113a3c1a5",
        server_random: "692c51514362d6a250eb9466d5129abd9233028807bed0e96c4c63d43dc9de24",
        master_secret:
            "2d7793c2404ba104306f0f7a92653f1928fe173eff7384643c2383749154fb6391930b249b5f48784c8cb00415be022d",
        client: &[
            (22, 0x0303, "b50bb8eae80edd81cecdf18f66563b1f7e00598a5af927d3af599681fa5416cf15ffc3b93f7fbe55f2fa1bfc97ec5e82\
                          5cd970ab76b4a2e0b3cd81ce8911466f77bac8006e45ec699f6838d1017cd608"),
            (23, 0x0303, "0dbcf98adda70dfb25e224d8b3debea5acf3285349b9f9f535a8492949a71eba2ac96388a41beb5268c80289776afe72\
                          560671eabdc63d26b42606e479120926335b8ba36fc0e00c022aa9a22fd97fd9"),
            (23, 0x0303, "62135ad441042df7838ef28d19eac4258d589580ec9e59c4440a572d6bb7c978b135b1e8bbe674646c9d2375c5423d24\
                          672eed9389e0f8ebd7a1b1db3bf3cb89"),
        ],
        server: &[
            (22, 0x0303, "316da23cf5fc58ee0220f18f452913e89d8f3d239601630c221ef93459154d1de27f5a1a97336f6213a7cb52c3aafbd0\
                          e50c6e35b6557c35d0e9c8f375d03d56049c9b97e9f129d645aece280d7a2e80"),
            (23, 0x0303, "10923a1c6884fd123b6b820b025804a30420d68ae32e1a18a57707352afb18207bb7a125520ba35efede48cd68d5a44d\
                          93671d2140d241e5ed1a2f55a308cdb4a0edc13e01bd189f7a4c14d95b3c13c8"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, AES128-SHA256",
        suite: 0x003c, version: 0x0303, encrypt_then_mac: false,
        client_random: "59f6ac621113170102f183f5672a4d703a456e9500cbd7ecdfbf2745e913c29c",
        server_random: "3b75b7a93bc9be6e1c46f3184093f34f3841c2589fae856103440c4cdf7d1b9b",
        master_secret:
            "425cabfd0ec00aaf5d168fef48f677a55a543e109e3168a6e499f9624125a5d93f2369a66da3e908f2798a32b59bb418",
        client: &[
            (22, 0x0303, "8114bf2188c44b1c165e833e863e3ff8880c289ce18ce53ac7388b1ee99aa381c1bcb624aedb0f7fb900011cb204ecad\
                          cca5c45e5819236cc7b2f240090c25b7e1793ab7c79e9ee6516539eba9ddc324"),
            (23, 0x0303, "1986ab839e0410cec11bdb2df8e031134d065c8d2daf5e289c6fe4a6325172ab22d3618bf9909ad408e9cb38a388eb80\
                          273f9c92297b5b3b7acb54607d59165c76415c2d9321d9a87fa4b234fbec61c0"),
            (23, 0x0303, "3a7340bbd4ccb5b54aff83d907239b19d3d9b3f875357350ededaa7994a86d36c376f9357a80814fd6d5eb66b92dbb32\
                          a645641e21cce3d679905c683013079e"),
        ],
        server: &[
            (22, 0x0303, "cd0ed0a22f2b1733a9ca5e87597fd5045a9925d912ae67a72de7debd0667dad4679dbaaa88511c8d7a0b0baf1d14460c\
                          cbf3e81f4c52970e1a404ea18516ef278b3d30db17dc104beabf20ecf7947662"),
            (23, 0x0303, "8d0810a2bbd42b798b996375526a2688ae44eddefe9f492a9ef1390fe2c93c267b4793f4456faa6f77627c97224cb1ae\
                          300c0e27cbbc17cd829f10e035d52bfbc421ab220e5b83aa48e1d3303f1e2837"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-RSA-AES256-SHA384, encrypt-then-MAC",
        suite: 0xc028, version: 0x0303, encrypt_then_mac: true,
        client_random: "06ac66340ef1c9e5ca826f25c0f1c1bf46f1759b496f2422d33d7873de467a65",
        server_random: "8664819ea8be3b5fc90d0dabeaea17b8d05018323ebc405953e910b5863db498",
        master_secret:
            "d62ab2c883119f3af171a2c4bd1e71eea57f6314e07e39da241b7b495da66ebffc9a5bdaad750ab00e1f595703a256af",
        client: &[
            (22, 0x0303, "c7c831c0394d3efdeffaa40490d2f9cd8f6a83a576e57fb51435aafca9b38a27e0f1a074e332ec46d7dda7d45fe52cc3\
                          d0cc6d33f38cac8bd6f0a4a66b2f97169d14c9ebe7fc96ba6e3388e378286da1e814bf17f50b830d6b9b93327d8bfb67"),
            (23, 0x0303, "7ad34990c15a9718e98716a2c97ba75c9fc1cdff33f85475207e32f06d66570b67d62666d24a744ab9ea788d0c0a0b94\
                          65321f4b45fa50d19ce5f05e643ec60e8119b0d35c941a4e0198607a03d197e9316cbe4ad5c3b052206b3ca1a8fd3c47"),
            (23, 0x0303, "059d2ff2e37bbabb56167bd0d664d698ccd1ee46212087aaefbb978404eebed14916f5e599a3387bba9e473288805a6d\
                          29d1e9fb579e6d193df5a12412e94a579d62177bc71dfbf463b30e524fd0cdc4"),
        ],
        server: &[
            (22, 0x0303, "3425a94cc06bde9e772142fcee5733ad76bb12079501c7ca570cc8d2fe06561287f033c10d98c4ad047c9de9e012e06b\
                          09e274210a06c51611dabd7d14c54e2c46a54154a9a019e0b237ccf774c489653ac009780544298831dfb93d17fa14be"),
            (23, 0x0303, "64a960efa8f05e434b6c724695f9526c964f5ad1491273439986a17398433141744b643e62fade25eeb36556b1313c9e\
                          92cad667caab59500ddba9e0a9ac604c3d401c32973e4b72868b458718492c831eb749fa04cdfc96f5cb57ef71049457"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-RSA-AES256-SHA384",
        suite: 0xc028, version: 0x0303, encrypt_then_mac: false,
        client_random: "828fc85848dcc2cd04023c583c0ccd3318e2d251cf1f925ac165d812217b2a46",
        server_random: "501062f67952776dbd8cae875a4b623dcca0aba7ded6875f864f06997835addd",
        master_secret:
            "71a465d6184c7f6d492157f4a42e1fa6034ac8435ee79456599e6d41a42352b34038b5324c7b2abe7acaf5f225086d31",
        client: &[
            (22, 0x0303, "15b9d6988fd67536ce8557505062661be0362bb27e36c10c67d2c81ea993b7f6855739553d235ddcf275b74c44ac0c47\
                          0d1de676e063dda6dacf9bdc6671a0e584ab452e59fb466d2a5e9af51f23db177252e5c622586a397fb8cad43802cea7"),
            (23, 0x0303, "e5ae3db1f2d29eabdc85281d1adc4b0dcd59d1ae4d8f0d1919462b1c583a9a9c53f07a07c20c8d1ef024bf64aa1a7438\
                          9fa946a5a676f97f50501424e354b48b73c8d58b99ba1178911f28a197fb6b6c5168fd33bbe1deb2d63a48f68016998b"),
            (23, 0x0303, "c0ac2b790bbb4be0dd940284bcc0e28a71b74617464e33540f5d48761ca144fd405a8f056fc3416a11332b990e49305e\
                          62889e0e4a2f82fad61b37b53812236dae9c5f5c172448a43e9b9b1d158ab1ec"),
        ],
        server: &[
            (22, 0x0303, "223167fa1f0d63815abcb6d94c58dceaa5464e25c6ec24b27f28ea37adb078aaca440218b39446534e32bf5ee77ae1c1\
                          9cd5c7262933db192dc71d30f2a287e1c7408552836bea5885c5c52489c5ba27df2dc5dabe01c582205a605cf20d7ba8"),
            (23, 0x0303, "7c8bd5e894a6eff2c6331437a6d3af7528e5b21a3a806da16a37b11215c37db4d1b4062342bd796ebea39e5b8f782f1e\
                          745dccf4da49d1be1fac2449a2da32e416b614621dff53bba152f51d476753fba77be984199e83c810fe98e6baa85c48"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, NULL-SHA256",
        suite: 0x003b, version: 0x0303, encrypt_then_mac: false,
        client_random: "d10aa94c4ad9d3db2264300c121c148f08e070fa265a2504f3a1a1e95204f9c1",
        server_random: "f16085be91e05a9fff07781ed42497663cfdd200f263828573e807b57fd737d6",
        master_secret:
            "bcf0341f2787729621185ff87cb5cc203a9e39b012c32a43abd2a2b32b416006960de76d086b1e7227cfdcee2f452eed",
        client: &[
            (22, 0x0303, "1400000c4913a644bab60b5764adbff4c6c97d5bd99af4732901c05f7dd7a4d3c9fb5b2d1b756dad408d865b5a794242"),
            (23, 0x0303, "68656c6c6f2066726f6d2074686520636c69656e748d490ec9094e78ae5fb097719f94bfbe2d597e46d020e5161bd8a2\
                          895ca72013"),
            (23, 0x0303, "7477696365867f65d7d71c4e6edc39c72369acd26094938fe14e54b96ebadedfb3df7f9abe"),
        ],
        server: &[
            (22, 0x0303, "1400000c4944d9388827f1ed324f1a8785952a84ac814ab0fb5cd81159de1269001812b66ab8062d23dbf3ed6142d703"),
            (23, 0x0303, "68656c6c6f2066726f6d2074686520736572766572f3881dccc5cf892f6ef83ca1552ca1fe09a601108484b7247a4f3a\
                          aad636d14d"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, NULL-MD5",
        suite: 0x0001, version: 0x0303, encrypt_then_mac: false,
        client_random: "bdd7ebe9ba89782d5db0998c31e41bad8048401ad93f84b5f516c839d3f2a629",
        server_random: "3ab779492ff1f975760e3fddd6a8a5e4b8943b6c441e72bc04ae6f389de0496f",
        master_secret:
            "8b2d46e89f6f9da79b68b70d28775bd5bef389c201074fafb904daa80767c7c1d3cb2dbd900378d74193867374659f39",
        client: &[
            (22, 0x0303, "1400000cf901b2a2bd772ab27beb983a5f5af1d72feb1c5e9b427f00d1e3c387"),
            (23, 0x0303, "68656c6c6f2066726f6d2074686520636c69656e74d4f8a230d453c457e5559c78dbfdebe8"),
            (23, 0x0303, "74776963653d43f460d84d50cb57c77b52f3aa87a5"),
        ],
        server: &[
            (22, 0x0303, "1400000c6395ae483158d13bf736f1c55d0eee58dc705562702a0eb447567726"),
            (23, 0x0303, "68656c6c6f2066726f6d2074686520736572766572c389ce6c6affedd02acd6fc246e00a10"),
        ],
    },
    Recorded12 {
        name: "TLS 1.1, AES256-SHA",
        suite: 0x0035, version: 0x0302, encrypt_then_mac: false,
        client_random: "3779ae6c4b7039997f0736466a3b8a3bffeacf10a1c33fea289ab82ca9046f34",
        server_random: "8069c95ddbabaa2567e222ccd0522726d5ac135062b3247598ea107f7b694e4a",
        master_secret:
            "0f93be96a881667935293e44fc26b59c4da73ada42a7da9169290d5532fe6a7ca4cbf4142677e1637d77d8e9d66a2afc",
        client: &[
            (22, 0x0302, "5599cabc4557cc8fcfe2e98689cbb49f617d0c36716650cec92aa1a9d7baca644860fc00d7b7f214a790d457dec78512\
                          3326c07412b0c592416ad4cef7db8782"),
            (23, 0x0302, "7d7c40d8f365775e70e4c90de3c72c763194427827027bca9b6df9a33bfcb42257589d1e413e301206deec9839431527\
                          c5a960a64c58f16e2ec291a9d9f6f837"),
            (23, 0x0302, "a2cad1786a72619532fb3e816eb381583e103b9786a026d66c6be714fb240f8c663b77f587250f943f82dd5f3f18d709"),
        ],
        server: &[
            (22, 0x0302, "8de968023a35e4faec63a4e163565c368f5990c32e50f2179750c2fa56c79be848d94e27fc81d1a96de9db29d12b2b08\
                          8c5a51f600a5112b47fb9106b2569a75"),
            (23, 0x0302, "4e7c87b3e85bf07721b855c6ce1e83f67def259b9a2ad92aeff41605275ec3ade3bf0a8d0075571d016651c1a51cc672\
                          3e21301f13c182d2c1c4b6571f36c8a2"),
        ],
    },
    Recorded12 {
        name: "TLS 1.1, AES128-SHA, encrypt-then-MAC",
        suite: 0x002f, version: 0x0302, encrypt_then_mac: true,
        client_random: "665a9cf2f9059f11475476613b8f9050b4dce3cdbbf3aeceb8872eb732b38c4b",
        server_random: "9fe0aeb742b698f8aa832c3f732d40ba86596a5e51656857e35034d0e5a80548",
        master_secret:
            "7f2f7d5f0696f6e2ea22129ee293adda2eaecf574b284cfd7b1c6383c3873d1d487779092607d069447591d9f2f9fb9d",
        client: &[
            (22, 0x0302, "ceab091b0704ddb7f37b7bed5a86df5a83dcb682b2c1896e573ae2c37b914d4026ea725b3ee978d05fdbb495ed1d88df\
                          86b70334147b0c979576c91d1f0df177a6267fc4"),
            (23, 0x0302, "57ddb27f9fa89066582ffa4035a52e5a109880079848e3aa4429c721330921664e56547b9a9b4048989e83dc9831d32c\
                          74407cd49c2fe87af80006fe961cb3be2f6bfe78"),
            (23, 0x0302, "82b2c573d9812ee71b0c06f6438115d62f5331e3c2b91c217ebe1dc9fcbb78e49b1d8877582ef0236f2e9b48658564df\
                          66331637"),
        ],
        server: &[
            (22, 0x0302, "d140d65ba14270b58e97af279ca099a7a1bb4833b547cc3292da90cb5fd862731869bc27c91d56d4aec82d36f43a9ae4\
                          54d2b0e68facfbf57f9bb38265e8cfb1b36c57a1"),
            (23, 0x0302, "3f01fd9cd9562480ecb3e9f34f508ad064ca768301cd5d8f3dc89aeea84036cce8bb33c855f6d00f75708357d5f4d07d\
                          6f43db4875adec96464fc1720d095b1ceccbb236"),
        ],
    },
    Recorded12 {
        name: "TLS 1.0, AES128-SHA",
        suite: 0x002f, version: 0x0301, encrypt_then_mac: false,
        client_random: "31722104b3d2075f46f77d0a76a31c51cf5a5cfcb9df395910a7118cb808e513",
        server_random: "d8b161143f3013dc9d778f5dddff365116aece062a4b9adb26aed3aa73b11dc2",
        master_secret:
            "3b341d3472d0685ee0591a374b50694e3cf9771970d7473fa59e75f2ad9be8ad39c183387bbb6db3ae773083d0f6916b",
        client: &[
            (22, 0x0301, "c6a1cf5ca06b683349d278fd6ecb0ca9d01ba2bda17e6f17553c4d940e93cdc9f7da56a94a7fbd856334146ab5ea3c94"),
            (23, 0x0301, "bfd1ff721a055de5242bf0cbd64a5c50228e2be92350bf3c8784d32acb5bb45c"),
            (23, 0x0301, "bf3851159bed90472b865c05af9a88d9bf53c1a07d9a508e5244c42d541e80f284df0e457c1ef34128416a01e4a5e898"),
            (23, 0x0301, "bcc7c300b0c02b2607afefb1378759d61c14a9c08e46c61f715ed8369d2ef4fd"),
            (23, 0x0301, "6495b9e3271a48dd87e796967b53d55b6626e59951901d1fcaa484aa2c2ee498"),
        ],
        server: &[
            (22, 0x0301, "83e183b53edd994c4c8c02613a8bbe23ecf14820d64b619f4a05af18ad55c04e1d0ad78a0bc34ca50811f945f730776f"),
            (23, 0x0301, "c253e61a5a9a1bd23241003e18a0c10f042ea25fa1bef04d7caf8bed7d64eac2"),
            (23, 0x0301, "c95b002e5899e53e1dc6f154caa0afa15270379676c530c6630b48b5c2dc1e2951da8f00e19648708cb3151d9fc695f5"),
        ],
    },
    Recorded12 {
        name: "TLS 1.0, AES256-SHA, encrypt-then-MAC",
        suite: 0x0035, version: 0x0301, encrypt_then_mac: true,
        client_random: "90d1075e385e338a9602f87d54641ca865d89dba83c4aa1017f8ddf3314e8efb",
        server_random: "3673d0e3530937d03b55b8309e50c1992a54924f35c232f9f0312a19d0a4d384",
        master_secret:
            "e62f8cfcb1713787edcb2eae5ce7fa8f081c24e6a4f3bbea3a1bef6e598ef841883796ca815ed9f6a552836dcd71d50b",
        client: &[
            (22, 0x0301, "8ddaa43b9ab8a9405ff77a1b1254683716dcfa0b6d4cf5c530e98874431271433e878a8d6c6b413f711776476025a749\
                          c40d5f16"),
            (23, 0x0301, "f32c8e20af29d3eaaa42ba93b3aa8918ce79026f6a28d22cdfbe40e3a5e2f42c8ee0393d"),
            (23, 0x0301, "5addc9e2fa9875d95481e1c8780349e5bb74a2bff8febba99000048b640eaf4ade8fbd431e25316bd27fc54d2c323353\
                          a49026d0"),
            (23, 0x0301, "0c8f278060519b6f41d4ea8c0ada527788c370192bb7351b18dd82dd5d554f19fd6c515e"),
            (23, 0x0301, "f7bb6011cb8acfd54e48c3857a2b1c722f69ada57300d7615873ebf696f063748d9686d2"),
        ],
        server: &[
            (22, 0x0301, "8b71ec30715cc514f247509b38b0e50721a01b2008766c8555ea4447401a6a2f0b63a851ebb0c2e780180120540e693f\
                          59e3d23b"),
            (23, 0x0301, "2a2ebd92ea92c55e2f65f1295458557857e4a58962ba3c9c90501ad53fe452a5e2b4e7ac"),
            (23, 0x0301, "ede3a76dcb0c78db15145562cd1f4c82feee828126a611e871ee780a2a30992ed911f7f265a95bd1b317d62664ec0eca\
                          0d8eeef0"),
        ],
    },
    Recorded12 {
        name: "TLS 1.0, NULL-SHA",
        suite: 0x0002, version: 0x0301, encrypt_then_mac: false,
        client_random: "a1c44f46e2f356088d83570fa888e1df19dd874fbe2b18354efcded86d7efe0d",
        server_random: "6c81b6ef04a4d2625f52affd0774de9438712179901adc063907be85cd6ebc55",
        master_secret:
            "3c5f38ce39ad179d217061431ac7774b3421543f8c0129c333a5cf9c2e6e7a6ea967c15c0d4196de81364468a7d66de5",
        client: &[
            (22, 0x0301, "1400000cc56b56cf02564eb17ef6670b55c88022c6e2c832c435095361c6751e6c4326fb"),
            (23, 0x0301, "68656c6c6f2066726f6d2074686520636c69656e74732f37cfb8494223fce25d9dc449170d04ad8402"),
            (23, 0x0301, "7477696365b04d68002509b6d4def9df18476afe1fe209ec50"),
        ],
        server: &[
            (22, 0x0301, "1400000cdb40110c441d5525191b9598f97528c699ddd9f5825325388bca1efe94ae65ba"),
            (23, 0x0301, "68656c6c6f2066726f6d2074686520736572766572421e754867b124ba6525c96c0c281d2e46b1572d"),
        ],
    },

    Recorded12 {
        name: "TLS 1.0, CAMELLIA128-SHA",
        suite: 0x0041, version: 0x0301, encrypt_then_mac: false,
        client_random: "ed196ddf407e75e0b1a8645f14e09a75c0a5f04d426681752db5014b0d2cb0c6",
        server_random: "fb8b18390d719b8145c3afc1efe5125ccabf24de6b84cda5289d1578ac38691d",
        master_secret:
            "cc01aae2b00b9139e0c5d631378f33c2709345f2b4ad639b04b161c5bda31fae4641dd6b9bd2d097abc0f39b649ae2c0",
        client: &[
            (22, 0x0301, "8df178837bbfee91ee3db0c2190fba1043ced728b91b3c41fd3365a821a1da758d1aa0394792600be05b44ab121062a6"),
            (23, 0x0301, "7cd07e8643b76566217c5aec0b93d3c8d1d1cdbe35211fa751b1dc755d77903f"),
            (23, 0x0301, "42fcf07d9ea2a3a49e9260a4976ca3c2c01eca06bbb7133ababe9cf8d20aa45dbb1b88203405fc1ffff3fc8b8c719d99"),
            (23, 0x0301, "38e3090e4282d41bb3fac756c4abfba2712e50c64cbda0d6bb3ea74e01630a5c"),
            (23, 0x0301, "de90211843f068a591fa4071a294fbead0fb2fd9042a27940943a49d77ee27da"),
        ],
        server: &[
            (22, 0x0301, "38f234bdffe095ed11a24033718af1b97633dbc0bbb91050a2f791273fda43d0644aa8cf51f8a0849cd80cb0c5e442d5"),
            (23, 0x0301, "a03a246918713b18547b967ebc77245fd78a11f49b1a6f12f68da663931730be"),
            (23, 0x0301, "7cfcc9b4ff5e65597be902e3f686ed05c2ae409106fb0b6d811c1baef1cde7e68b5310cd94447dc3ee77846e4c3679cc"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, CAMELLIA256-SHA256, encrypt-then-MAC",
        suite: 0x00c0, version: 0x0303, encrypt_then_mac: true,
        client_random: "49e2bc43fcc1ef7c82794cdfe1a63645652adf13f0f81478817c0f283ed1cba4",
        server_random: "86404a91fc6deafa9ab5b82c0e4a8f1a34867d7bb831f30e789dfb45940a9d0b",
        master_secret:
            "02692d1a564cdee68ef71bfc08c84cc6a63ea205e2febb4e59dcf10126be1add541f80de9c14c3769fae33338347ee45",
        client: &[
            (22, 0x0303, "2dcfc89cbf9f9b228e0552c119196dd7f343dd7855214fac8e60c1c4ade6ac9d495c90ca6c9354f3a28623800093bc6f911eb45b8710f5ec62a7432bdf51684310089bb5cce9d6590843434235109736"),
            (23, 0x0303, "b976bf698c7052b670b6ef6b8870e3a3579530f995bff454373b0e68a1d098b941a24f3e7aa082c73e2587d113e832c484fc94142c10fa5331673a3a8979105d9c95c21e2c98240144865c8f4c75eaac"),
            (23, 0x0303, "d049b4c66b3698f7581ea9cb0207625240b62ced6d7cfc6070cd3c28b7eb99f7e53224925b8927af04cfbba34243234edf134a0c91acf01d8bbd7d02663157f9"),
        ],
        server: &[
            (22, 0x0303, "8eeaaede442b149b2abafb0c318e6d2bc0f1426dd7b38aee746751d9bb5b4754411646236e016558d66e2cdd29ce9e6d3ff9f76cfb73447481c15951d5d163b9f9e3204fc915898d121f7043b53e5119"),
            (23, 0x0303, "1e3120967d618a81329b4c579003a15ad7d5ab5794405956523fe5508ba5a15f67f6ede57281106d7405e2905700849846c299e2a5925d0dbcaea4357878da5d8ee1570e3698b925a74b6050ea152201"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ARIA128-GCM-SHA256",
        suite: 0xc050, version: 0x0303, encrypt_then_mac: false,
        client_random: "344952bb02a71651f4f6bfbdd018effdce43940e9d71be631f02cbf1fc99d2e6",
        server_random: "dfeb5459de2447b2534b50887f0c20dca42caec54772feb2e7dcd27a4c826c09",
        master_secret:
            "0633b5a61be74ecebbd729789a4544807cdb2e352ffc127e226065f6e4769ac956450174d46630ff1cff3c01ec227582",
        client: &[
            (22, 0x0303, "1c5d05088beb70c3126ba699dce5d8664f099d4fdc4cff545c20dae790ed2b419b1c4d38d8282ed0"),
            (23, 0x0303, "1c5d05088beb70c4152d14ab4053f7e0b02e5f0f32c06df363264dacb40c84bb404f25876100b7ae20269e4afe"),
            (23, 0x0303, "1c5d05088beb70c5684495cab456d93533bd4213587de2fc49f5c8905c"),
        ],
        server: &[
            (22, 0x0303, "5cb02be705b206d2fc0c7760fffb4a7d178ff6ecd948c7abeea4b47340e3faa410ca4709aa13291d"),
            (23, 0x0303, "5cb02be705b206d3d2cd8f427a9967035340935ab2ee76cd40af8fe8df2479cbe816adbf1932cb146ccba49eef"),
        ],
    },
    Recorded12 {
        name: "TLS 1.2, ECDHE-ARIA256-GCM-SHA384",
        suite: 0xc061, version: 0x0303, encrypt_then_mac: false,
        client_random: "e5c2dba8a6d5483ab2dabefaf9ab8916151aa6c1a32d3aa7e3bf6c316cef0ad8",
        server_random: "610c1713175a4efd87be2967c2a71368f8c5e0cc8fdd709497a13b4fd462cb6f",
        master_secret:
            "e9571eb5feb7e8f569c4d343afbb436c5f94840bfae59500c8abf98aff9bff3b376c7d9610dc5012e5e852a53e1b1ce3",
        client: &[
            (22, 0x0303, "10233445ea23574828109c92158efe0faade2de9d5c8da659be94ddcfdb51baae1e17d2815638108"),
            (23, 0x0303, "10233445ea235749f4ea54d788ec0920bad9276643ed872c0f58d1f998b077d90ac62ecc3813bb2b933a0e2668"),
            (23, 0x0303, "10233445ea23574a2e6d4a2b71e004e4dca3ba111e59af4e3dbc558715"),
        ],
        server: &[
            (22, 0x0303, "77d0159da2cb583d66e835832938083d81664d38548ebe2ae11ad9b2e01e5a5838c079a6affe0253"),
            (23, 0x0303, "77d0159da2cb583e7772359bef700ab3811c7f1a23823dcb06d61238622cf797ea57f6b38356256c4ed205c3ae"),
        ],
    },
];

#[rustfmt::skip]
pub(super) static TLS13: &[Recorded13] = &[
    Recorded13 {
        name: "TLS_AES_128_GCM_SHA256",
        suite: 0x1301,
        client_handshake_traffic_secret:
            "49298c5e9fa8451df7c7930ce9bc778751dd7a2eb5442f2be362c8ee4ca92679",
        client_traffic_secret_0:
            "317ab206c7ac183af242cf94747f823a2197674a730533e57f112d7fe5a2105a",
        server_traffic_secret_0:
            "81e5bb4946691eac45262bbb01d61acd50473353e30221372f5d0d2c9ccc7534",
        client_finished:
            "f63ffc053eacbf718cee5f28e0c90fb9daa493427406b64fc4dfb30cdf328b87df9dd5f597b832ab2e394888f85b033d\
             82c8524a06",
        client: [
            "d64610d0042e2d980f553b6e59c9189439e696cf46ae853343d620d65a6c151ffd534063d3dd",
            "6a8a5d2677363e846edf6d7a85d7245479eeeda28a52",
        ],
        server: "d476883a88f580800aeeea7319a56fd036ff7b7c1fe820dd9920a0361a356901aee60860629f",
    },
    Recorded13 {
        name: "TLS_AES_256_GCM_SHA384",
        suite: 0x1302,
        client_handshake_traffic_secret:
            "85cb98290cae16520cd403c96fe26313bed859766482ae94d0db49a92d6658bd86aed6e3b4a71915fa6c3cba6dbeceed",
        client_traffic_secret_0:
            "6a03cdb103e42dad3f38987c78168e1c3e2473f5454d7f035b7b3e363814e46359056eb5a7e3de68374fce5186a125c3",
        server_traffic_secret_0:
            "95814f138214b8bcf4b7088805b7fea0674e1df82f6e995e95f2aa4e0904b48a89bb15b6ff8bf831b1fee20a6c1aaab9",
        client_finished:
            "9cdb38c768c6d2aa6899ed8df038a29418a9b8f0d2e805df2ae51dab32645d42f7188d6772c238fc37d92b76c369994c\
             58a349d05dee7a1f5efd71da0b11c511c4554aa5ee",
        client: [
            "c03de7745306fbc974a75d8b45755c006cea37248c428962aa349d1bd9a95319f717d19891f0",
            "5133e3b525a36240baea40e7b328e95253b4d224d964",
        ],
        server: "1d91c3a2c34258a76afccfbae40a08b45623452912c3a8741902faa9b894fbc3be66eec11685",
    },
    Recorded13 {
        name: "TLS_CHACHA20_POLY1305_SHA256",
        suite: 0x1303,
        client_handshake_traffic_secret:
            "362f47d54906f9c3b793e3f277bb604acd130fbfe2f270ad7e992be1fcf9ab03",
        client_traffic_secret_0:
            "0bee68fc142e170dd42de80a962d0445d333b21b7ac778bdd7627b1b8680e12c",
        server_traffic_secret_0:
            "3399b294c4f5b1223a60c986ae21138d4593549825f6b2acfd1395f797b48a41",
        client_finished:
            "eb091cf993b27bcd74b61c78b41f8d3734e964eb120b7928bf726c61ac8313a91addcca0f0c7bc76fac618ab3fcd1a02\
             17eb99b193",
        client: [
            "d8fd869032de248deda95dd542cd863f49820b0fd2f090d1a43ad44a2e1369509a7b229cde1d",
            "2aa3a517630029952f0296734a92eb53da5d67019525",
        ],
        server: "a0ea04f0c70cb1dc479757e706024deac185f38d320abb9553911f800f6afe4e5683fe670269",
    },
    Recorded13 {
        name: "TLS_AES_128_CCM_SHA256",
        suite: 0x1304,
        client_handshake_traffic_secret:
            "812110e40042855305da1da374cd4160855fdc63aa8fa05c7d25faa130908a7d",
        client_traffic_secret_0:
            "b63c20ab9ca26d5b094f2e2bff9bc136bd6b34e5065aa66c223b377ab7eb5aef",
        server_traffic_secret_0:
            "ad1f381b8e2383bd7bc9fe04d0b0bdf9bded708144b59ee4c7ebddc855f86992",
        client_finished:
            "49bf47cdd1afa74adae562da4c1815942ab4ad4e2260d3ba1735ece2f31bdc21ab119b11d2af040254cefd1405c84a9c\
             9bd153d686",
        client: [
            "12aa0a58c51a5f9de06da51df3088535cf4c9542a93d606fd0367320fc04cdb6f73e6729571d",
            "422c6b8af3b4a93e0946e3ec24baf68afef7fd1ef343",
        ],
        server: "0bf1708124414e8656f8073067a78ee9a64c77f100316b34e5872a18bd2aa9bf362817700ea0",
    },
    Recorded13 {
        name: "TLS_AES_128_CCM_8_SHA256",
        suite: 0x1305,
        client_handshake_traffic_secret:
            "ae42179ddfc34b8be71fac526d084314bc92d92eed0cf69fd53fe2cf4ef62048",
        client_traffic_secret_0:
            "bd44a18b41a6a3b9c1d0685cb9366a395c18d8a95a949777e43c235acba5299e",
        server_traffic_secret_0:
            "b57f8e065af8753ec646312ae1d93a4adfcea41b83cc2ae61796eae687f7a840",
        client_finished:
            "3b042eef85df2b9a19ac1a1cde59f5ea46e8f3b7ebf65e82d395a0ab64eb5d44dfe35cb3e2df98c1312a38af52",
        client: [
            "e991ad05fb975212c1fd30bb152558923e015b8ad3f111a85cad57b24e96",
            "531e14bee59c99a833c638a578d4",
        ],
        server: "9c54f134524bef53c7485cef57d558b8f60936ca8c6e4b68a141d63429bf",
    },
];
