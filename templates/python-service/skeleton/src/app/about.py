"""What the service is called and what it is for: the texts of its API description."""

NAME = ${{ values.name | dump }}
DESCRIPTION = {% if values.description %}${{ values.description | dump }}{% else %}""{% endif %}
