CREATE TABLE `customers` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `active` tinyint(1) NOT NULL,
  `ref` char(36) NOT NULL,
  `seen` timestamp NULL
) ENGINE=InnoDB;
