-- The record of the lab's case `mariadb`: every kind of type that arrives, keys of one and of two columns, a table whose keys wander.
CREATE DATABASE IF NOT EXISTS `shop` DEFAULT CHARACTER SET utf8mb4;
USE `shop`;

CREATE TABLE `products` (
  `id` bigint unsigned NOT NULL,
  `sku` varchar(40) CHARACTER SET latin1 NOT NULL,
  `name` varchar(200) NOT NULL,
  `price` decimal(12,2) NOT NULL,
  `weight` double,
  `ratio` float,
  `active` tinyint(1) NOT NULL,
  `state` enum('new','sold out','gone') NOT NULL DEFAULT 'new',
  `tags` set('a','b','c'),
  `stock` int NOT NULL DEFAULT 0,
  `views` int unsigned NOT NULL DEFAULT 0,
  `small` smallint unsigned,
  `tiny` tinyint,
  `big` bigint unsigned,
  `added` date,
  `seen` datetime(6),
  `planned` datetime,
  `updated_at` timestamp(6) NULL,
  `made_at` timestamp NULL,
  `opens` time(3),
  `season` year,
  `photo` varbinary(60),
  `flag` bit(1),
  `extra` json,
  `notes` text,
  `rank` int DEFAULT 7,
  `worth` decimal(20,2) AS (`price` * `stock`) STORED,
  `double_stock` bigint AS (`stock` * 2) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `order_lines` (
  `region` varchar(12) COLLATE utf8mb4_bin NOT NULL,
  `line` int unsigned NOT NULL,
  `quantity` smallint unsigned NOT NULL,
  `at` datetime(3) NOT NULL,
  `order` varchar(20),
  PRIMARY KEY (`region`, `line`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `places` (
  `id` int NOT NULL,
  `n` int NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
