using FlaskStack.Api;

return await ApiApplication.RunAsync(() => ApiApplication.Build(args));
