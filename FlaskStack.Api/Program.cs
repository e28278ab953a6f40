return await FlaskStack.Api.ApiApplication.RunAsync(args);
