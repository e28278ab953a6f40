namespace FlaskStack.AppHost.Settings;

/// <summary>Applies the configured origins to a CORS policy.</summary>
internal static class CorsSettings
{
    public static NginxCorsBuilder WithAllowedOrigins(this NginxCorsBuilder cors, StackSettings settings) =>
        settings.AllowsAnyOrigin ? cors.AllowAnyOrigin() : cors.WithOrigins([.. settings.AllowedOrigins]);
}
