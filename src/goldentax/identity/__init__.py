"""Who people are, whom they act for, how they and their programs sign in (统一身份管理平台, first part)."""
