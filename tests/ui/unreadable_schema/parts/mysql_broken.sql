CREATE TABLE `customers` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB COMMENT='it\'s; all of them';
INSERT INTO `customers` VALUES (1),(2);
CREATE TABLE `invoices` ( --~ unreadable_schema
  `id` bigint NOT NULL
  `customer_id` bigint NOT NULL
) ENGINE=InnoDB;
CREATE TABLE `orders` (
  `id` bigint NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
ALTER TABLE `orders` ADD COLUMN; --~ unreadable_schema
